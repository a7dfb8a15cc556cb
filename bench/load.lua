-- What wrk sends: each request is drawn at random from a file, whose lines are `METHOD PATH TOKEN BODY`, the body being
-- JSON or nothing.
--
--   wrk ... -s load.lua URL -- FILE MODE MILLISECONDS THREADS
--
--   MODE draw    draw at random, as often as wants to be sent
--        once    each line once, in order, the lines dealt out over the threads; there must be enough of them
--        check   as draw, and look at each answer: its status, and whether it is whole. It costs wrk much of a core, so
--                it is done for a moment before each measure; while measuring, wrk's own count of statuses and bytes stands
--   MILLISECONDS pause on average before each request of a connection, 0 for none
--   THREADS      how many threads wrk has
--
-- The last line of the output is JSON, times in microseconds.

local threads, started = {}, 0

function setup(thread)
  thread:set("number", started)
  started = started + 1
  table.insert(threads, thread)
end

function init(arguments)
  mode, pause = arguments[2], tonumber(arguments[3] or "0")
  requests, position, sent = {}, 0, 0
  good, busy, wrong, patient, least, most = 0, 0, 0, 0, 1e18, 0
  math.randomseed(os.time() * 100 + number)
  for line in io.lines(arguments[1]) do
    local method, path, token, body = line:match("^(%S+) (%S+) (%S+) (.*)$")
    local headers = { ["Host"] = wrk.headers["Host"], ["Authorization"] = "Bearer " .. token }
    if body == "" then
      body = nil
    else
      headers["Content-Type"] = "application/json"
    end
    requests[#requests + 1] = wrk.format(method, path, headers, body)
  end
  if mode == "once" then
    position = number + 1
    step = tonumber(arguments[4])
  end
  if mode == "check" then
    response = look
  end
  if pause > 0 then
    -- Pauses of a random (exponential) length, so that requests come as from many people who know nothing of each other.
    delay = function()
      return math.floor(-pause * math.log(1 - math.random()) + 0.5)
    end
  end
end

function request()
  if mode == "once" then
    local next_one = requests[position]
    position = position + step
    -- When all are used up the first is sent again, whose answer is counted as a bad one: there must be enough of them.
    return next_one or requests[1]
  end
  return requests[math.random(#requests)]
end

function look(status, headers, body)
  if status == 200 then
    good = good + 1
    if #body < least then least = #body end
    if #body > most then most = #body end
  elseif status == 503 then
    busy = busy + 1
    if headers["Retry-After"] or headers["retry-after"] then patient = patient + 1 end
  else
    wrong = wrong + 1
  end
end

local function total(name)
  local sum = 0
  for _, thread in ipairs(threads) do sum = sum + (thread:get(name) or 0) end
  return sum
end

function done(summary, latency, _)
  local least, most = 1e18, 0
  for _, thread in ipairs(threads) do
    least, most = math.min(least, thread:get("least")), math.max(most, thread:get("most"))
  end
  local errors = summary.errors
  io.write(string.format(
    '\n{"microseconds":%d,"requests":%d,"bytes":%d,"bad_status":%d,"broken":%d,"timeouts":%d,'
      .. '"good":%d,"busy":%d,"patient":%d,"wrong":%d,"least":%d,"most":%d,"p50":%d,"p90":%d,"p99":%d,"max":%d}\n',
    summary.duration, summary.requests, summary.bytes, errors.status, errors.connect + errors.read + errors.write,
    errors.timeout, total("good"), total("busy"), total("patient"), total("wrong"), least == 1e18 and 0 or least, most,
    latency:percentile(50), latency:percentile(90), latency:percentile(99), latency.max
  ))
end
