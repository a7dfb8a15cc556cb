#!/usr/bin/env bash
# Plays the manual of the fleet accounts (wagenpark-accounts), from first page to last, against a running demo server, and
# prints what happens as a story. Checks status and content of every answer, and stops with status 1 at the first one
# that isn't as expected.
#
#   make run                      (in another terminal)
#   examples/walkthrough.sh
#
# It works from any folder. It can be played again and again on the same server: people and licence plates are new each time.
# Each play makes a few wrong guesses, so after ten plays in a row the server's brakes refuse the next one for half an hour (429).
#
#   BASE_URL   where the server is (default http://127.0.0.1:8080)
#   MAIL_DIR   where its mails land (default data/mail in this checkout, where make run has them); the server must run with its default, mail to files
#
#   PUSH_SERVICE  a free address of this machine that the server was given with --own-push-service: push messages are then received there
#
# Needs curl and jq, openssl 3 for the codes of an authenticator app, and python3 for push messages. Under scripts/with-server.sh, address and folder are those of that server.
#
# What follows is for shellcheck: variables are used by jq's `env`, and `$name` in an expression is jq's own.
# shellcheck disable=SC2034,SC2016
set -euo pipefail

base=${BASE_URL:-${AUTOPASPOORT_URL:-http://127.0.0.1:8080}}
base=${base%/}
mails=${MAIL_DIR:-${AUTOPASPOORT_DATA_DIR:-$(dirname "${BASH_SOURCE[0]}")/../data}/mail}
# Where the server finds a push service that this script may play (the server's --own-push-service); empty when none.
push_service=${PUSH_SERVICE:-${AUTOPASPOORT_OWN_PUSH_SERVICE:-}}

# ---------------------------------------------------------------------------------------------------------------------
# The tools of the story
# ---------------------------------------------------------------------------------------------------------------------

die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

chapter() {
  printf '\n== %s\n' "$*"
}

tell() {
  printf '\n%s\n' "$*"
}

# A small photo, as PNG in base64.
PHOTO=iVBORw0KGgoAAAANSUhEUgAAABgAAAAYCAIAAABvFaqvAAAALElEQVR42mN4hgFOaGigIWLUMIwaREeDyNOGqWbUIHoaNJqyR/PaqEF0MQgAtLFDfVyKOyQAAAAASUVORK5CYII=

declare -A access=() refresh=() read_before=()
steps=0
# For how many seconds a mail is waited for.
patience=15
who='' request='' status='' etag='' mail='' token='' app_key='' app_step=0
headers=$(mktemp) photo=$(mktemp) browser=$(mktemp --directory) push_server=''
trap 'if [[ -n $push_server ]]; then kill "$push_server"; fi; rm -rf "$headers" "$photo" "$browser"' EXIT

# as WHO METHOD PATH [BODY] [CURL-OPTION...]: sends a request with WHO's access token; `nobody` has none. BODY is a jq
# expression, which finds the shell's variables in `env`; '' is none. The answer is in status, etag and ANSWER.
as() {
  local body=${4:-} options=(--silent --show-error --max-time 60 --dump-header "$headers" --request "$2")
  who=$1 request="$2 $3"
  if [[ $who != nobody ]]; then options+=(--header "Authorization: Bearer ${access[$who]}"); fi
  if [[ -n $body ]]; then
    body=$(jq --null-input --compact-output "$body")
    options+=(--header 'Content-Type: application/json' --data-binary "$body")
  fi
  ANSWER=$(curl "${options[@]}" "${@:5}" "$base$3") || die "$request: no answer from $base; is the server running?"
  status=$(awk '/^HTTP\// { status = $2 } END { print status }' "$headers")
  etag=$(header etag)
  steps=$((steps + 1))
}

# header NAME: prints a header of the last answer.
header() {
  awk -v name="$1:" 'tolower($1) == name { sub(/^[^:]*:[ ]*/, ""); sub(/\r$/, ""); value = $0 } END { print value }' "$headers"
}

wrong() {
  {
    printf '\nNOT AS EXPECTED: %s\n' "$1"
    printf '  request  %s, as %s\n' "$request" "$who"
    printf '  answer   %s\n' "$status"
    jq . <<<"$ANSWER" 2>/dev/null || printf '%s\n' "$ANSWER"
  } >&2
  exit 1
}

# expect STATUS [CONDITION]: goes on only if the answer has STATUS, and CONDITION (jq, with variables in `env`) holds for
# its body. Without CONDITION the body must be empty.
expect() {
  local type
  [[ $status == "$1" ]] || wrong "expected $1"
  if [[ -n ${2:-} ]]; then
    type=$(header content-type)
    [[ $type == application/json ]] || wrong "expected JSON, and not content of type '$type'"
    jq --exit-status "$2" <<<"$ANSWER" >/dev/null || wrong "expected $2"
  else
    [[ -z $ANSWER ]] || wrong 'expected no body'
  fi
  printf '  %-13s %s -> %s\n' "$who" "$request" "$status"
}

# refused STATUS CODE [CONDITION]: goes on only if the answer is the problem CODE, with STATUS.
refused() {
  local type
  type=$(header content-type)
  [[ $status == "$1" ]] || wrong "expected $1 $2"
  [[ $type == application/problem+json ]] || wrong "expected a problem, and not content of type '$type'"
  jq --exit-status --arg code "$2" --argjson status "$1" \
    ".code == \$code and .status == \$status and (.title | length > 0) and (${3:-true})" <<<"$ANSWER" >/dev/null ||
    wrong "expected $2 ${3:-}"
  printf '  %-13s %s -> %s %s\n' "$who" "$request" "$status" "$2"
}

# shows STATUS TYPE WORDS...: goes on only if the answer has STATUS, is text of TYPE, and says all these WORDS.
shows() {
  local words
  [[ $status == "$1" ]] || wrong "expected $1"
  [[ $(header content-type) == "$2; charset=utf-8" ]] || wrong "expected $2, and not '$(header content-type)'"
  for words in "${@:3}"; do [[ $ANSWER == *"$words"* ]] || wrong "expected '$words'"; done
  printf '  %-13s %s -> %s\n' "$who" "$request" "$status"
}

# show FILTER: prints lines that tell what the last answer says, for who reads along.
show() {
  jq --raw-output "$1" <<<"$ANSWER" | sed 's/^/                  /'
}

# of FILTER: prints a part of the last answer.
of() {
  jq --exit-status --raw-output "$1" <<<"$ANSWER" || wrong "expected $1"
}

# sign_in WHO EMAIL PASSWORD KIND: the one door, "Login AutoPaspoort".
sign_in() {
  LOGIN_EMAIL=$2 LOGIN_PASSWORD=$3 LOGIN_KIND=$4
  as nobody POST /v1/auth/login '{ email: env.LOGIN_EMAIL, password: env.LOGIN_PASSWORD }'
  expect 200 '.tokenType == "Bearer" and .account.kind == env.LOGIN_KIND and .account.email == env.LOGIN_EMAIL'
  remember "$1" ''
}

# remember WHO PATH: keeps the tokens that the last answer has under PATH.
remember() {
  access[$1]=$(of "$2.accessToken")
  refresh[$1]=$(of "$2.refreshToken")
}

# text FILE: prints a mail, whose parts stand in the file as they read.
text() {
  tr -d '\r' <"$1"
}

# addressed FILE EMAIL: whether the `To:` header, which may be folded over several lines, names EMAIL.
addressed() {
  sed -e 's/\r$//' -e '/^$/ q' "$1" | sed -e ':fold' -e '$! { N; b fold' -e '}' -e 's/\n[ \t]\+/ /g' |
    grep --extended-regexp --quiet "^To: (.*[ <,])?${2//./\\.}([>,]|\$)"
}

# receives EMAIL WORDS [PLATE]: waits until EMAIL has a mail that says WORDS, and PLATE if one is given, and was not read
# before, and reads it: it is in mail, and the token of its link in token. The garage has mails of earlier plays too, so its
# mails need a plate.
receives() {
  local file named tries
  for ((tries = patience * 10; tries > 0; tries--)); do
    # By day the demo's own drivers are reminded too, so there are many mails to others.
    mapfile -t named < <(grep --files-with-matches --fixed-strings --no-messages -e "$1" "$mails"/*.eml || true)
    for file in "${named[@]}"; do
      [[ -z ${read_before[$file]:-} ]] || continue
      addressed "$file" "$1" || continue
      mail=$(text "$file")
      [[ $mail == *"$2"* && $mail == *"${3:-}"* && $mail == *"</html>"* ]] || continue
      read_before[$file]=yes
      token=$(grep --only-matching --max-count 1 --extended-regexp '/invitation#[A-Za-z0-9_-]{20,}' <<<"$mail" | head -n 1) || true
      token=${token#*#}
      printf '  mail to       %s: "...%s..."%s\n' "$1" "$2" "${token:+, with a link}"
      return
    done
    sleep 0.1
  done
  die "no mail to $1 that says '$2'${3:+ and '$3'} within $patience seconds, in $mails; is that where the server at $base writes its mails (MAIL_DIR)?"
}

# receives_link EMAIL WORDS: the same, for a mail that must have a link.
receives_link() {
  receives "$1" "$2"
  [[ -n $token ]] || die "the mail to $1 has no link '.../invitation#TOKEN'."
  TOKEN=$token
}

# leave_off: a mail program's button leaves off what the last mail that was read is about, with one click (RFC 8058). A
# scanner of mails has opened the page before, which changes nothing.
leave_off() {
  local link
  [[ $mail == *$'\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\n'* ]] || die "the mail can't be left off with one click."
  link=$(grep --only-matching --max-count 1 --extended-regexp '^List-Unsubscribe: <[^>]+/unsubscribe/[A-Za-z0-9_-]+>$' <<<"$mail") ||
    die "the mail has no link to leave off."
  link=${link##*/}
  as nobody GET "/unsubscribe/${link%>}"
  request='GET /unsubscribe/{token}'
  shows 200 text/html 'Afmelden' '<form method="post">'
  as nobody POST "/unsubscribe/${link%>}" '' --data 'List-Unsubscribe=One-Click'
  request='POST /unsubscribe/{token}'
  shows 200 text/html 'U bent afgemeld'
}

# was_never_mailed EMAIL
was_never_mailed() {
  local file
  for file in "$mails"/*.eml; do
    if [[ -e $file ]] && addressed "$file" "$1"; then die "$1 was mailed, and shouldn't be: $file"; fi
  done
  printf '  no mail to    %s\n' "$1"
}

# open_app SECRET: an authenticator app scans the secret of a second factor, which is written in base32.
open_app() {
  local letters=ABCDEFGHIJKLMNOPQRSTUVWXYZ234567 before held=0 bits=0 i
  app_key='' app_step=0
  for ((i = 0; i < ${#1}; i++)); do
    before=${letters%%"${1:i:1}"*}
    held=$(((held << 5 | ${#before}) & 0xfff)) bits=$((bits + 5))
    if ((bits >= 8)); then
      bits=$((bits - 8))
      app_key+=$(printf '%02x' $((held >> bits & 0xff)))
    fi
  done
}

# next_code: puts a code of the app that was not used yet into CODE: that of this half minute or, when it was used, that of
# the next one, which the server takes already. For a third one it waits.
next_code() {
  local now counter mac offset
  app_step=$((app_step + 1)) now=$(($(date +%s) / 30))
  if ((app_step < now)); then app_step=$now; fi
  until ((app_step <= $(date +%s) / 30 + 1)); do sleep 1; done
  counter=$(printf '%016x' "$app_step" | sed 's/../\\x&/g')
  mac=$(printf '%b' "$counter" | openssl dgst -sha1 -mac HMAC -macopt "hexkey:$app_key")
  mac=${mac##* }
  offset=$((16#${mac:39:1} * 2))
  CODE=$(printf '%06d' $(((16#${mac:offset:8} & 0x7fffffff) % 1000000)))
}

# in_dutch DAY: a day as it stands in a Dutch text.
in_dutch() {
  local months=(januari februari maart april mei juni juli augustus september oktober november december)
  printf '%s %s %s' "$(date --date "$1" +%-d)" "${months[$(date --date "$1" +%-m) - 1]}" "${1%%-*}"
}

# bytes HEX: prints these bytes.
bytes() {
  # shellcheck disable=SC2001,SC2059 # the text is made of escapes only
  printf "$(sed 's/../\\x&/g' <<<"$1")"
}

hex() {
  od -An -v -tx1 | tr -d ' \n'
}

base64url() {
  base64 --wrap=0 | tr '+/' '-_' | tr -d =
}

# Plays a browser that has subscribed, and the push service of its maker: the browser's keys are P256DH and AUTH, its address at
# the service is ENDPOINT, and what comes there is kept as a file.
subscribe() {
  openssl ecparam -name prime256v1 -genkey -noout -out "$browser/key.pem"
  openssl ec -in "$browser/key.pem" -pubout -outform DER 2>/dev/null | tail --bytes 65 >"$browser/public"
  openssl rand 16 >"$browser/auth"
  P256DH=$(base64url <"$browser/public") AUTH=$(base64url <"$browser/auth") ENDPOINT=$push_service/$(openssl rand -hex 16)
  python3 - "${push_service##*:}" "${ENDPOINT##*/}" "$browser/message" <<'PYTHON' &
import http.server, os, sys

port, name, file = sys.argv[1:]

class Service(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.path == "/" + name:
            with open(file + ".part", "wb") as part:
                part.write(body)
            os.replace(file + ".part", file)
        self.send_response(201)
        self.end_headers()

    def log_message(self, *_):
        pass

http.server.HTTPServer(("127.0.0.1", int(port)), Service).serve_forever()
PYTHON
  push_server=$!
}

# Waits until a push message came for that browser, and decrypts it as the browser does (RFC 8291): ANSWER is what it says. The
# mark of authenticity at the end of the message is not looked at, since openssl can't do that on the command line.
is_pushed() {
  local body salt sender secret info key nonce length
  for _ in {1..150}; do
    if [[ -e $browser/message ]]; then break; fi
    sleep 0.1
  done
  [[ -e $browser/message ]] || die 'no push message came within 15 seconds'
  body=$(hex <"$browser/message")
  salt=${body:0:32} sender=${body:42:130}
  bytes "3059301306072a8648ce3d020106082a8648ce3d030107034200$sender" >"$browser/sender.der"
  secret=$(openssl pkeyutl -derive -inkey "$browser/key.pem" -peerform DER -peerkey "$browser/sender.der" | hex)
  info=$(printf 'WebPush: info\0' | hex)$(hex <"$browser/public")$sender
  secret=$(expand 32 "$secret" "$(hex <"$browser/auth")" "$info")
  key=$(expand 16 "$secret" "$salt" "$(printf 'Content-Encoding: aes128gcm\0' | hex)")
  nonce=$(expand 12 "$secret" "$salt" "$(printf 'Content-Encoding: nonce\0' | hex)")
  length=$((${#body} - 172 - 32))
  ANSWER=$(bytes "${body:172:length}" | openssl enc -d -aes-128-ctr -K "$key" -iv "${nonce}00000002" | tr -d '\0\2')
  rm "$browser/message"
}

# expand LENGTH KEY SALT INFO: HKDF (RFC 5869) with SHA-256; all but LENGTH is in hex.
expand() {
  openssl kdf -keylen "$1" -kdfopt digest:SHA256 -kdfopt "hexkey:$2" -kdfopt "hexsalt:$3" -kdfopt "hexinfo:$4" -binary HKDF | hex
}

# hears WHO KIND: waits until WHO is told in the app of something of this KIND that was not read yet; its id is in NOTICE.
hears() {
  local before=$steps
  KIND=$2
  for _ in {1..150}; do
    steps=$before
    as "$1" GET '/v1/notifications?read=false'
    if jq --exit-status 'any(.items[]?; .kind == env.KIND)' <<<"$ANSWER" >/dev/null; then
      expect 200 '.items | length > 0'
      NOTICE=$(of 'first(.items[] | select(.kind == env.KIND)) | .id')
      return
    fi
    sleep 0.1
  done
  wrong "expected to be told of $2 within 15 seconds"
}

# load WHO PASSPORT: reads a passport, for its ETag.
load() {
  as "$1" GET "/v1/passports/$2"
  PASSPORT=$2
  expect 200 '.id == env.PASSPORT'
}

# ---------------------------------------------------------------------------------------------------------------------

case ${1:-} in
'') ;;
-h | --help)
  sed -n '2,/^# Needs/ s/^# \{0,1\}//p' "$0"
  exit
  ;;
*) die "unknown argument '$1'; see $0 --help" ;;
esac
for program in curl jq openssl; do
  command -v "$program" >/dev/null || die "'$program' is needed: install it and try again."
done

# From here on every variable reaches jq's `env`.
set -a

letters=({a..z})
WORD=
for _ in {1..6}; do WORD+=${letters[SRANDOM % 26]}; done
RUN=$WORD$((SRANDOM % 10000))

# plate NUMBER: prints a plate of this run, NUMBER 0 to 9, in the layout X-999-XX.
plate() {
  local capitals=${WORD^^}
  printf '%s-%02d%d-%s' "${capitals:0:1}" "$((PLATES % 100))" "$1" "${capitals:1:2}"
}

GARAGE_EMAIL=beheer@garage-devries.example GARAGE_PASSWORD=Welkom-bij-AutoPaspoort-2019
OTHER_GARAGE_EMAIL=beheer@autobedrijf-bakker.example
PASSWORD="vier blije fietsen $RUN" MANAGERS_PASSWORD="negen groene kikkers $RUN"
JAN=jan.$RUN@bakkerij.example BAKERY=wagenpark.$RUN@bakkerij.example BAKERY_NAME="Bakkerij Zoë$WORD"
ELS=els.$RUN@installatie.example PREPARED=zoe.$RUN@garage-devries.example INSTALLER=wagenpark.$RUN@installatie.example
INSTALLER_NAME="Zoë$WORD Installaties"
FATIMA=fatima.$RUN@bakkerij.example OMAR=omar.$RUN@bakkerij.example NORA=nora.$RUN@thuis.example
RIA=ria.$RUN@thuis.example MISTYPED=rai.$RUN@thuis.example
UNKNOWN=01890000-0000-7000-8000-000000000000

printf 'AutoPaspoort, the story of a fleet (wagenpark), on %s, run %s\n' "$base" "$RUN"

# ---------------------------------------------------------------------------------------------------------------------
chapter '1. The garage gives its customers an AutoPaspoort'

as nobody GET /health/ready
[[ $status == 200 ]] || wrong 'expected a server that is ready'

tell 'Without signing in nothing opens, and a wrong password neither.'
as nobody GET /v1/fleets
refused 401 unauthenticated
as nobody POST /v1/auth/login '{ email: env.GARAGE_EMAIL, password: "not the password" }'
refused 401 credentials_invalid

tell 'Anneke de Vries, admin (beheerder) of the garage, signs in through the one door: "Login AutoPaspoort".'
sign_in garage "$GARAGE_EMAIL" "$GARAGE_PASSWORD" staff
as garage GET /v1/account
expect 200 '.kind == "staff" and .role == "admin" and .email == env.GARAGE_EMAIL and .garageId != null and .fleetId == null'
GARAGE_ID=$(of .garageId)
as garage GET /v1/garage
expect 200 '.id == env.GARAGE_ID and .name == "Garage De Vries"'
GARAGE_MAIL=$(of .email)

for _ in {1..50}; do
  PLATES=$((SRANDOM % 100))
  FIRST_PLATE=$(plate 0)
  as garage GET "/v1/passports?plate=$FIRST_PLATE"
  if [[ $status == 200 ]] && jq --exit-status '.items == []' <<<"$ANSWER" >/dev/null; then break; fi
  PLATES=
done
[[ -n $PLATES ]] || wrong 'expected licence plates that are still free'
PLATE_JAN=$(plate 0) PLATE_VAN=$(plate 1) PLATE_ELS=$(plate 2) PLATE_TRUCK=$(plate 3)
PLATE_FATIMA=$(plate 4) PLATE_RIA=$(plate 5)

tell 'She makes the record of a customer (klant): the bakery of Jan Jansen. The connection falters and the same request comes twice; the customer is made once.'
new_bakery='{ kind: "company", name: env.BAKERY_NAME, email: env.JAN, mobile: "06-12345678",
  address: { street: "Dorpsstraat 12", postcode: "1234ab", place: "Zaandam", country: "NL" },
  drivingBehaviour: { kmPerYear: 18000, usage: "business" } }'
as garage POST /v1/customers "$new_bakery" --header "Idempotency-Key: bakery-$RUN"
expect 201 '.name == env.BAKERY_NAME and .kind == "company" and .email == env.JAN and .mobile == "+31612345678"
  and .mobileShown == "06 12 34 56 78" and .address.postcode == "1234 AB" and .address.place == "Zaandam" and .drivingBehaviour.kmPerYear == 18000 and .language == "nl"'
CUSTOMER_BAKERY=$(of .id)
FIRST_ANSWER=$ANSWER
[[ $(header location) == "/v1/customers/$CUSTOMER_BAKERY" ]] || wrong "expected 'Location' to name the customer"
as garage POST /v1/customers "$new_bakery" --header "Idempotency-Key: bakery-$RUN"
expect 201 '. == (env.FIRST_ANSWER | fromjson)'
as garage POST /v1/customers '{ kind: "person", name: "Someone else" }' --header "Idempotency-Key: bakery-$RUN"
refused 422 idempotency_key_reused
as garage GET "/v1/customers?search=zoe$WORD"
expect 200 '[.items[].id] == [env.CUSTOMER_BAKERY]'

tell 'While she types a plate (kenteken), the form knows its dashes as soon as they are certain, and what the letters point to.'
as garage GET /v1/licence-plates/kjr5
expect 200 '.shown == "KJR-5" and .complete == false'
as garage GET /v1/licence-plates/v95jkv
expect 200 '.shown == "V-95-JKV" and .complete and .sidecode == 12 and .categoryHints == ["light_commercial"] and .warnings == []'
as garage GET /v1/licence-plates/TT-6O1-D
refused 400 invalid_request '.errors | any(.code == "licence_plate_slip" and (.detail | contains("TT-601-D")))'
as garage GET /v1/licence-plates/12345
refused 400 invalid_request '.errors | any(.code == "licence_plate_layout")'

tell 'Once the plate is whole, the vehicle register fills the form. What is odd about the car it says too.'
as garage GET /v1/vehicle-register/zz-999-z
expect 200 '.make == "TOYOTA" and .model == "YARIS HYBRID" and .year == 2018 and .fuel == "hybrid_petrol"
  and .firstAdmittedOn == "2018-04-02" and .apk.expiresOn == "2028-04-02" and .cataloguePrice == { cents: 2199500, currency: "EUR" }
  and [.fuels[].fuel] == ["petrol", "electric"] and .openRecall == false and .odometer.verdict == "logical" and .warnings == []'
as garage GET /v1/vehicle-register/v95jkv
expect 200 '.kind == "commercial" and .doors == 0 and [.warnings[].code] == ["open_recall"]'
as garage GET "/v1/vehicle-register/$PLATE_JAN"
refused 404 vehicle_not_in_register
as garage POST /v1/vehicle-register/look-ups '{ plates: [{ number: "NL zz-999-z" }, { number: env.PLATE_JAN }] }'
expect 200 '[.items[] | [.status, .vehicle.make]] == [["known", "TOYOTA"], ["unknown", null]]'
as garage GET '/v1/vehicle-register/BMW1234?country=DE'
refused 404 vehicle_register_covers_nl_only

tell 'A passport is filled the same way where the form leaves something out. (This one is put away again: the plate is free for the next play.)'
as garage POST /v1/passports '{ licencePlate: { number: "ZZ999Z" }, customerId: env.CUSTOMER_BAKERY, model: "Yaris" }'
expect 201 '.make == "TOYOTA" and .model == "Yaris" and .year == 2018 and .fuel == "hybrid_petrol"'
FILLED=$(of .id)
as garage GET "/v1/passports/$FILLED/registration"
expect 200 '.status == "known" and .staleSince == null and .vehicle.colour == "GRIJS"'
as garage POST "/v1/passports/$FILLED/archive"
expect 200 '.status == "archived"'

tell 'The cars that were there already are asked about every day; what the register told is kept, with recalls and inspections.'
as garage GET '/v1/passports?plate=V95JKV'
expect 200 '.items | length == 1'
VAN=$(of '.items[0].id')
for _ in {1..60}; do
  as garage GET "/v1/passports/$VAN/registration"
  if jq --exit-status '.status == "known"' <<<"$ANSWER" >/dev/null; then break; fi
  sleep 0.5
done
expect 200 '.status == "known" and .vehicle.openRecall'
as garage GET "/v1/passports/$VAN/recalls"
expect 200 '[.items[] | .status] == ["open"] and .items[0].detail.repair != null and (.items[0].detail.hazards | length) == 1'
as garage GET "/v1/passports/$VAN/inspections"
expect 200 '[.items[].expiresOn] == ["2027-03-12", "2026-03-12"]'

tell 'A plate in a layout that does not exist is refused, by name.'
as garage POST /v1/passports '{ licencePlate: { number: "12-34-5" }, customerId: env.CUSTOMER_BAKERY }'
refused 400 invalid_request '.errors | any(.pointer == "/licencePlate/number" or .pointer == "#/licencePlate/number")'

tell "She gives Jan the passport of his own car, $PLATE_JAN. It is 'invited': a link to activate it is mailed."
as garage POST /v1/passports '{ licencePlate: { number: (env.PLATE_JAN | ascii_downcase) }, customerId: env.CUSTOMER_BAKERY,
  make: "Volkswagen", model: "Kombi", year: 2013, fuel: "diesel", odometerKm: 123456 }'
expect 201 '.status == "invited" and .licencePlate.shown == env.PLATE_JAN and .licencePlate.country == "NL" and .make == "Volkswagen"
  and .odometerKm == 123456 and .customer.id == env.CUSTOMER_BAKERY and .driver == null and .fleet == null and .owner == "nobody"'
JANS_CAR=$(of .id)
receives_link "$JAN" "$PLATE_JAN"
JANS_LINK=$TOKEN

tell 'A plate has one passport: a second one is refused.'
as garage POST /v1/passports '{ licencePlate: { number: env.PLATE_JAN }, customerId: env.CUSTOMER_BAKERY }'
refused 409 passport_exists

tell 'As long as Jan has not activated it, no fleet can be made from his profile (manual: the manager needs an active AutoPaspoort).'
as garage POST /v1/fleets '{ customerId: env.CUSTOMER_BAKERY, email: env.BAKERY, begin: "invited" }'
refused 409 manager_passport_not_active

tell 'Jan opens his link. It tells what it is for; with a password he has his driver (bestuurder) account, signed in at once.'
as nobody POST /v1/invitations/preview '{ token: env.TOKEN }'
expect 200 '.purpose == "passport" and .email == env.JAN and .garageName == "Garage De Vries" and .licencePlate == env.PLATE_JAN
  and .accountExists == false'
as nobody POST /v1/invitations/accept '{ token: env.TOKEN, password: "password1234" }'
refused 400 invalid_request '.errors | any(.pointer | endswith("/password"))'
as nobody POST /v1/invitations/accept '{ token: env.TOKEN, password: env.PASSWORD, name: "Jan Jansen" }'
expect 200 '.passportId == env.JANS_CAR and .transferId == null and .tokens.account.kind == "driver"
  and .tokens.account.email == env.JAN and .tokens.account.name == "Jan Jansen"'
remember jan .tokens
as jan GET "/v1/passports/$JANS_CAR"
expect 200 '.status == "active" and .driver.email == env.JAN and .owner == "driver" and .customer == null and .garage.name == "Garage De Vries"'
as nobody POST /v1/invitations/accept '{ token: env.JANS_LINK, password: env.PASSWORD }'
refused 409 invitation_used

tell 'The 123,456 km (tellerstand) that the garage wrote down is a reading in the ledger of the car. Jan adds an older one; one that cannot be right is refused.'
readings="/v1/passports/$JANS_CAR/odometer/readings"
as jan POST "$readings" '{ value: 75000, readOn: "2020-06-01" }'
expect 201 '.source == "driver" and .recordedBy.name == "Jan Jansen" and .confirmed == false'
as jan POST "$readings" '{ value: 80000, readOn: "2020-06-02" }'
refused 409 odometer_implausible '.errors | any(.code == "odometer_too_far")'
as jan POST "$readings" '{ value: 70000, confirm: true }'
refused 403 staff_only

tell 'The garage reads what the ledger tells: the readings can all be true, and so many kilometres a day are to be expected.'
NEXT_YEAR=$(date --date '+1 year' +%F)
as garage GET "/v1/passports/$JANS_CAR/odometer?on=$NEXT_YEAR"
expect 200 '.verdict == "logical" and .latest.odometerKm == 123456 and .daily.readings == 2 and .daily.metres > 0
  and .estimate.basis == "after" and .estimate.odometerKm > 123456'
as jan POST "$readings" '{ value: 75000, readOn: "2020-06-01" }'
expect 200 '.source == "driver" and .odometerKm == 75000'
as garage GET "$readings"
expect 200 '[.items[] | [.source, .odometerKm]] == [["garage", 123456], ["driver", 75000]]'
as jan GET "/v1/passports/$JANS_CAR"
expect 200 '.odometerKm == 123456'

tell 'Until when is the APK valid? The garage has just inspected the car, and the register may not know yet: it enters the date.'
apk="/v1/passports/$JANS_CAR/apk"
as jan POST "$apk/entries" '{ expiresOn: env.NEXT_YEAR }'
refused 403 staff_only
as garage POST "$apk/entries" '{ expiresOn: "2099-01-01" }'
refused 400 apk_date_too_far
as garage POST "$apk/entries" '{ expiresOn: env.NEXT_YEAR }'
expect 201 '.expiresOn == env.NEXT_YEAR and .enteredBy.name == "Anneke de Vries"'
as jan GET "$apk"
expect 200 '.status == "valid" and .expiresOn == env.NEXT_YEAR and .source == "garage" and .entry.enteredBy == null'
as jan GET "/v1/passports/$JANS_CAR/plates"
expect 200 '[.items[].licencePlate.shown] == [env.PLATE_JAN]'

tell "The garage makes a passport for the bakery's van, $PLATE_VAN. Jan has an account, so he signs in and adds the car to it."
as garage POST /v1/passports '{ licencePlate: { number: env.PLATE_VAN }, customerId: env.CUSTOMER_BAKERY, make: "Renault", model: "Kangoo" }'
expect 201 '.status == "invited" and .customer.id == env.CUSTOMER_BAKERY'
VAN=$(of .id)
receives_link "$JAN" "$PLATE_VAN"
as nobody POST /v1/invitations/preview '{ token: env.TOKEN }'
expect 200 '.purpose == "passport" and .accountExists == true and .licencePlate == env.PLATE_VAN'
as nobody POST /v1/invitations/accept '{ token: env.TOKEN, password: env.PASSWORD }'
refused 409 sign_in_first
as jan POST /v1/invitations/accept '{ token: env.TOKEN }'
expect 200 '.passportId == env.VAN and .tokens == null'
as jan GET /v1/passports
expect 200 '[.items[] | .id] == [env.JANS_CAR, env.VAN] and all(.items[]; .status == "active" and .driver.email == env.JAN)'

tell 'A garage that joins brings all its cars in one stream (inlezen): each line by itself, and nobody is mailed yet. Sent again, it changes nothing.'
PLATE_IMPORT=$(plate 8) PIET=piet.$RUN@import.example
import() {
  as garage POST /v1/passport-imports '' --header 'Content-Type: application/x-ndjson' --data-binary \
    "$(jq --null-input --compact-output '{ licencePlate: { number: env.PLATE_IMPORT }, customer: { kind: "person", name: "Piet Import", email: env.PIET }, odometerKm: 81000 },
      { licencePlate: { number: env.PLATE_JAN }, customerId: env.CUSTOMER_BAKERY }, { licencePlate: { number: "TT" }, colour: "red" }')"
}
import
expect 200 '.made == 1 and .customersMade == 1 and .existing == 1 and .refused == 1
  and .refusedLines[0].line == 3 and (.refusedLines[0].problem.errors | any(.code == "unknown_property"))'
import
expect 200 '.made == 0 and .customersMade == 0 and .existing == 2 and .refused == 1'

# ---------------------------------------------------------------------------------------------------------------------
chapter '2. The garage makes a fleet account (wagenpark-account): the manager is invited'

tell 'A customer without a passport cannot have a fleet.'
as garage POST /v1/customers '{ kind: "person", name: "Fatima Yılmaz", email: env.FATIMA }'
expect 201 '.kind == "person" and .name == "Fatima Yılmaz"'
CUSTOMER_FATIMA=$(of .id)
as garage POST /v1/fleets '{ customerId: env.CUSTOMER_FATIMA, email: env.BAKERY, begin: "invited" }'
refused 409 manager_passport_not_active

tell "The fleet's e-mail must differ from that of the manager's own AutoPaspoort, also in capitals, and from every other account's."
as garage POST /v1/fleets '{ customerId: env.CUSTOMER_BAKERY, email: (env.JAN | ascii_upcase), begin: "invited" }'
refused 409 fleet_email_same_as_manager
as garage POST /v1/fleets '{ customerId: env.CUSTOMER_BAKERY, email: env.GARAGE_EMAIL, begin: "invited" }'
refused 409 email_in_use

tell 'With an e-mail of its own the fleet is made. The manager (wagenparkbeheerder) is mailed how to sign in.'
as garage POST /v1/fleets '{ customerId: env.CUSTOMER_BAKERY, email: env.BAKERY, begin: "invited" }'
expect 201 '.name == env.BAKERY_NAME and .status == "open" and .begin == "invited" and .accountStatus == "invited" and .email == env.BAKERY
  and .customerId == env.CUSTOMER_BAKERY and .managerPassportId == env.JANS_CAR and .passportCount == 0'
BAKERY_FLEET=$(of .id)
receives_link "$BAKERY" "$BAKERY_NAME"
as nobody POST /v1/invitations/preview '{ token: env.TOKEN }'
expect 200 '.purpose == "fleet" and .email == env.BAKERY and .licencePlate == null and .accountExists == false'
as nobody POST /v1/invitations/accept '{ token: env.TOKEN, password: env.PASSWORD }'
expect 200 '.passportId == null and .tokens.account.kind == "fleet" and .tokens.account.email == env.BAKERY'
remember bakery .tokens
as bakery GET /v1/account
expect 200 '.kind == "fleet" and .fleetId == env.BAKERY_FLEET and .role == null and .garageId == null'
as garage GET "/v1/fleets/$BAKERY_FLEET"
expect 200 '.accountStatus == "active"'
as garage POST "/v1/fleets/$BAKERY_FLEET/invitation"
refused 409 fleet_already_active

tell "The rule stands from the other side too: Jan can't take the fleet's e-mail for his own account."
as jan POST /v1/account/email '{ email: env.BAKERY, currentPassword: env.PASSWORD }'
refused 409 fleet_email_same_as_manager

# ---------------------------------------------------------------------------------------------------------------------
chapter '3. The other way to begin: the garage prepares the fleet itself'

tell "Els Smit of $INSTALLER_NAME gets the passport of her own car, with her customer record made in the same act."
as garage POST /v1/passports '{ licencePlate: { number: env.PLATE_ELS }, customer: { kind: "company", name: env.INSTALLER_NAME, email: env.ELS } }'
expect 201 '.status == "invited" and .customer.name == env.INSTALLER_NAME and .customer.email == env.ELS'
ELS_CAR=$(of .id)
CUSTOMER_INSTALLER=$(of .customer.id)
receives_link "$ELS" "$PLATE_ELS"
as nobody POST /v1/invitations/accept '{ token: env.TOKEN, password: env.PASSWORD, name: "Els Smit" }'
expect 200 '.passportId == env.ELS_CAR and .tokens.account.name == "Els Smit"'
remember els .tokens

tell 'Els lets her browser show messages of the app (push), if this server sends any.'
as els GET /v1/push/web-push-key
if [[ $status == 200 && -n $push_service ]]; then
  expect 200 '.publicKey | length == 87'
  subscribe
  as els POST /v1/account/devices '{ kind: "web_push", endpoint: env.ENDPOINT, p256dh: env.P256DH, auth: env.AUTH }'
  expect 200 '.kind == "web_push" and .endpoint == null'
  as els POST /v1/account/devices '{ kind: "web_push", endpoint: "http://127.0.0.1:9/", p256dh: env.P256DH, auth: env.AUTH }'
  refused 400 invalid_request '.errors[0].code == "push_endpoint_invalid"'
fi

tell 'The garage knows until when the APK of her car is valid, and enters it. What follows from that, chapter 15 tells.'
# A day on which that of no other car expires, if there is one.
for _ in {1..50}; do
  APK_DAYS=$((12 + SRANDOM % 44))
  APK_DAY=$(date --date "+$APK_DAYS days" +%F)
  as garage GET "/v1/garage/apk-list?expiresFrom=$APK_DAY&expiresUntil=$APK_DAY"
  if [[ $status != 200 ]] || jq --exit-status '.items == []' <<<"$ANSWER" >/dev/null; then break; fi
done
expect 200 '.items != null'
as garage POST "/v1/passports/$ELS_CAR/apk/entries" '{ expiresOn: env.APK_DAY }'
expect 201 '.expiresOn == env.APK_DAY'

tell 'The garage makes the fleet with an e-mail and a password of its own. No mail goes out.'
as garage POST /v1/fleets '{ customerId: env.CUSTOMER_INSTALLER, email: env.PREPARED, begin: "prepared" }'
refused 400 invalid_request '.errors | any(.pointer | endswith("/password"))'
as garage POST /v1/fleets '{ customerId: env.CUSTOMER_INSTALLER, email: env.PREPARED, begin: "prepared", password: env.PASSWORD }'
expect 201 '.name == env.INSTALLER_NAME and .begin == "prepared" and .accountStatus == "active" and .email == env.PREPARED
  and .managerPassportId == env.ELS_CAR'
INSTALLER_FLEET=$(of .id)

tell "It signs in with them, and sees the fleet's dashboard: still empty. Then it links a car: way 2, a passport made with customer and fleet at once."
sign_in installer "$PREPARED" "$PASSWORD" fleet
as installer GET "/v1/fleets/$INSTALLER_FLEET/passports"
expect 200 '.items == [] and .nextCursor == null'
as garage POST /v1/passports '{ licencePlate: { number: env.PLATE_TRUCK }, customerId: env.CUSTOMER_INSTALLER, fleetId: env.INSTALLER_FLEET }'
expect 201 '.status == "invited" and .fleet == { id: env.INSTALLER_FLEET, name: env.INSTALLER_NAME } and .owner == "fleet"'
TRUCK=$(of .id)
receives_link "$ELS" "$PLATE_TRUCK"
as installer GET "/v1/fleets/$INSTALLER_FLEET/passports"
expect 200 '[.items[].id] == [env.TRUCK]'

tell "All is set up: in the fleet's account settings the e-mail is changed to the manager's. Her private one is refused; of an address that has an account, its holder is told; the new one must be confirmed."
as installer POST /v1/account/email '{ email: env.ELS, currentPassword: env.PASSWORD }'
refused 409 fleet_email_same_as_manager
as installer POST /v1/account/email '{ email: env.JAN, currentPassword: env.PASSWORD }'
expect 202
receives "$JAN" 'opgegeven voor een ander account'
as installer POST /v1/account/email '{ email: env.INSTALLER, currentPassword: "not the password" }'
refused 400 invalid_request '.errors | any(.code == "password_wrong")'
as installer POST /v1/account/email '{ email: env.INSTALLER, currentPassword: env.PASSWORD }'
expect 202
was_never_mailed "$PREPARED"
receives_link "$INSTALLER" 'voor u klaargezet'
as installer GET /v1/account
expect 200 '.email == env.PREPARED'

tell "The manager confirms it, and chooses a password in the same step: all sessions and the garage's password end, and the fleet is handed over for real."
as nobody POST /v1/account/email/confirm '{ token: env.TOKEN }'
refused 400 invalid_request '.errors | any(.pointer == "#/password")'
as nobody POST /v1/account/email/confirm '{ token: env.TOKEN, password: env.MANAGERS_PASSWORD }'
expect 204
receives "$PREPARED" 'is gewijzigd'
as installer GET /v1/account
refused 401 unauthenticated
as nobody POST /v1/auth/login '{ email: env.INSTALLER, password: env.PASSWORD }'
refused 401 credentials_invalid
sign_in installer "$INSTALLER" "$MANAGERS_PASSWORD" fleet
as garage GET "/v1/fleets/$INSTALLER_FLEET"
expect 200 '.email == env.INSTALLER and .passportCount == 1'

# ---------------------------------------------------------------------------------------------------------------------
chapter '4. The garage finds a fleet, and links cars (koppelen)'

tell 'It finds a fleet by typing a part of its name: case, accents and the order of words do not matter; names that begin with it come first.'
as garage GET "/v1/fleets?search=ZOE$WORD"
expect 200 '[.items[].id] == [env.INSTALLER_FLEET, env.BAKERY_FLEET] and .nextCursor == null'
as garage GET "/v1/fleets?search=zoe${WORD:0:5}"
expect 200 '[.items[].id] as $found | ($found | index(env.INSTALLER_FLEET) != null) and ($found | index(env.BAKERY_FLEET) != null)'
as garage GET "/v1/fleets?search=zo%C3%AB$WORD%20bakk"
expect 200 '[.items[].id] == [env.BAKERY_FLEET]'
as garage GET "/v1/fleets?search=nothing-like-$WORD"
expect 200 '.items == []'
as garage GET "/v1/fleets?search=zoe$WORD&limit=1"
expect 200 '[.items[].id] == [env.INSTALLER_FLEET] and .nextCursor != null'
as garage GET "/v1/fleets?search=zoe$WORD&limit=1&cursor=$(of .nextCursor)"
expect 200 '[.items[].id] == [env.BAKERY_FLEET] and .nextCursor == null'

tell "Way 1: it links the van $PLATE_VAN. It must have seen the passport as it is now, and only the garage may."
load garage "$VAN"
VAN_ETAG=$etag
link='{ fleetId: env.BAKERY_FLEET }'
as garage PUT "/v1/passports/$VAN/fleet" "$link"
refused 428 precondition_required
as garage PUT "/v1/passports/$VAN/fleet" "$link" --header 'If-Match: "9999"'
refused 412 precondition_failed
as jan PUT "/v1/passports/$VAN/fleet" "$link" --header "If-Match: $VAN_ETAG"
refused 403 staff_only
as garage PUT "/v1/passports/$VAN/fleet" '{ fleetId: env.UNKNOWN }' --header "If-Match: $VAN_ETAG"
refused 400 invalid_request '.errors | any(.pointer | endswith("/fleetId"))'
as garage PUT "/v1/passports/$VAN/fleet" "$link" --header "If-Match: $VAN_ETAG"
expect 200 '.fleet == { id: env.BAKERY_FLEET, name: env.BAKERY_NAME } and .owner == "fleet" and .driver.email == env.JAN'
receives "$JAN" "gekoppeld aan wagenpark $BAKERY_NAME"
[[ $mail == *"$PLATE_VAN"* ]] || die "the mail to $JAN doesn't name $PLATE_VAN."

tell 'The van was Jan'"'"'s own. For seven days he can object, and until he has agreed nobody can hand it over. One tap, and it is the bakery'"'"'s.'
as jan GET "/v1/link-changes?passportId=$VAN&status=open"
expect 200 '[.items[] | [.kind, .role, .fleetName]] == [["linked", "former_owner", env.BAKERY_NAME]]
  and ((.items[0].endsAt[:19] + "Z" | fromdate) - (.items[0].changedAt[:19] + "Z" | fromdate) == 7 * 86400)'
CHANGE=$(of '.items[0].id')
[[ $mail == *"/link-changes/$CHANGE"* ]] || die "the mail to $JAN doesn't lead to the change."
as bakery POST "/v1/passports/$VAN/transfers" '{ kind: "new_owner", recipientEmail: env.NORA }'
refused 409 link_change_open
as garage POST "/v1/link-changes/$CHANGE/agree"
refused 403 only_former_owner_may_decide
as jan POST "/v1/link-changes/$CHANGE/agree"
expect 200 '.status == "agreed" and .decidedAt != null'

tell 'A car is in one fleet at most, and whoever looked at it before it was linked must look again.'
load garage "$VAN"
as garage PUT "/v1/passports/$VAN/fleet" '{ fleetId: env.INSTALLER_FLEET }' --header "If-Match: $etag"
refused 409 passport_in_other_fleet
as garage DELETE "/v1/passports/$VAN/fleet" '' --header "If-Match: $VAN_ETAG"
refused 412 precondition_failed

tell "Way 2: the passport of $PLATE_FATIMA is made, in one act with its customer and its fleet. Fatima activates it."
as garage POST /v1/passports '{ licencePlate: { number: env.PLATE_FATIMA }, customerId: env.CUSTOMER_FATIMA, fleetId: env.UNKNOWN }'
refused 400 invalid_request '.errors | any(.pointer | endswith("/fleetId"))'
as garage POST /v1/passports '{ licencePlate: { number: env.PLATE_FATIMA }, fleetId: env.BAKERY_FLEET, make: "Peugeot", model: "e-208",
  customer: { kind: "person", name: "Fatima Yılmaz", email: env.FATIMA, mobile: "+31687654321" } }'
expect 201 '.status == "invited" and .fleet.id == env.BAKERY_FLEET and .customer.mobile == "+31687654321" and .driver == null'
PEUGEOT=$(of .id)
receives_link "$FATIMA" "$PLATE_FATIMA"

tell 'Before she does, the fleet sees the car but cannot hand it over.'
as bakery POST "/v1/passports/$PEUGEOT/transfers" '{ kind: "new_driver", recipientEmail: env.OMAR }'
refused 409 passport_not_active
as nobody POST /v1/invitations/accept '{ token: env.TOKEN, password: env.PASSWORD }'
expect 200 '.passportId == env.PEUGEOT and .tokens.account.name == "Fatima Yılmaz"'
remember fatima .tokens
as fatima GET "/v1/passports/$PEUGEOT"
expect 200 '.status == "active" and .driver.email == env.FATIMA and .fleet.name == env.BAKERY_NAME and .owner == "fleet"'

# ---------------------------------------------------------------------------------------------------------------------
chapter '5. What each sees'

tell "The manager's dashboard: all cars of the fleet with who drives them, and no other car; not Jan's own, not another fleet's."
as bakery GET /v1/fleets
expect 200 '[.items[] | [.id, .passportCount]] == [[env.BAKERY_FLEET, 2]]'
as bakery GET "/v1/fleets/$BAKERY_FLEET/passports"
expect 200 '[.items[] | [.id, .licencePlate.shown, .driver.email, .customer]]
  == [[env.VAN, env.PLATE_VAN, env.JAN, null], [env.PEUGEOT, env.PLATE_FATIMA, env.FATIMA, null]]'
as bakery GET /v1/passports
expect 200 '[.items[].id] == [env.VAN, env.PEUGEOT]'
as bakery GET "/v1/passports/$JANS_CAR"
refused 404 not_found
as bakery GET "/v1/passports/$TRUCK"
refused 404 not_found
as bakery GET "/v1/fleets/$INSTALLER_FLEET"
refused 404 not_found
as bakery GET "/v1/fleets/$INSTALLER_FLEET/passports"
refused 404 not_found
as bakery GET /v1/customers
refused 403 wrong_account_kind

tell 'The garage sees all its fleets, and behind each the plates with the profile (klantprofiel) of their customers.'
as garage GET "/v1/fleets/$BAKERY_FLEET/passports"
expect 200 '[.items[] | [.id, .customer.id]] | .[0] == [env.VAN, env.CUSTOMER_BAKERY] and .[1][0] == env.PEUGEOT and .[1][1] != null'
as garage GET "/v1/passports?fleetId=$BAKERY_FLEET&search=${PLATE_FATIMA//-/}"
expect 200 '[.items[].id] == [env.PEUGEOT]'
as garage GET "/v1/customers/$CUSTOMER_BAKERY"
expect 200 '.drivingBehaviour == { kmPerYear: 18000, usage: "business", severeUse: [] }'

tell 'A driver sees the car they drive, and nothing of the fleet around it.'
as fatima GET /v1/passports
expect 200 '[.items[].id] == [env.PEUGEOT]'
as fatima GET "/v1/passports/$VAN"
refused 404 not_found
as fatima GET "/v1/fleets/$BAKERY_FLEET"
refused 404 not_found

tell 'What does not exist, does not exist for the garage either.'
for path in passports customers fleets transfers; do
  as garage GET "/v1/$path/$UNKNOWN"
  refused 404 not_found
done

# ---------------------------------------------------------------------------------------------------------------------
chapter '6. What the car needs: a check with photos, advice, work, and what is expected'

tell 'A mechanic begins a check of the van with the list for holidays. It is a draft, which only the garage sees.'
van="/v1/passports/$VAN"
as garage POST "$van/checks" '{ template: "holiday" }'
expect 201 '.status == "draft" and (.missing | length) > 10'
CHECK=$(of .id) MISSING=$(of '.missing | join(" ")')
as jan GET "$van/checks/$CHECK"
refused 404 not_found
tell 'The treads are measured, and the limits of the list say how they are. A value that cannot be right is refused.'
as garage PUT "$van/checks/$CHECK/findings/tread_depth.front_left" '{ measured: "1.2", note: "Versleten aan de binnenkant." }'
expect 200 '.finding.result == "urgent"'
as garage PUT "$van/checks/$CHECK/findings/tread_depth.front_right" '{ measured: "190" }'
refused 400 check_measurement_implausible
as garage POST "$van/checks/$CHECK/complete" '{ odometer: 62000 }'
refused 409 check_incomplete
for place in $MISSING; do
  case $place in
    tread_depth.front_left) continue ;;
    tread_depth.*) finding='{ measured: "6.5" }' ;;
    battery_voltage) finding='{ measured: "12.7" }' ;;
    wipers.front) finding='{ result: "attention", note: "De wissers strepen." }' ;;
    *) finding='{ result: "good" }' ;;
  esac
  as garage PUT "$van/checks/$CHECK/findings/$place" "$finding"
  expect 200 '.missing != null'
done
tell 'A photo of the worn tyre: it is written anew, so nothing of the camera travels along.'
base64 --decode >"$photo" <<<"$PHOTO"
as garage POST "$van/checks/$CHECK/findings/tread_depth.front_left/photos" '' \
  --header 'Content-Type: image/png' --data-binary "@$photo"
expect 201 '.width == 24 and .height == 24 and .place == "tread_depth.front_left"'
FILE=$(of .id)
as garage POST "$van/checks/$CHECK/complete" '{ odometer: 62000 }'
expect 200 '.status == "completed"'
as garage PUT "$van/checks/$CHECK/findings/lights" '{ result: "urgent" }'
refused 409 check_completed

tell 'Jan is told of it in the app, where the bell counts what he has not read.'
hears jan check_ready
show '.items[0] | "\(.title)", "  \(.text | split("\n")[0])"'
as jan GET /v1/notifications/unread-count
expect 200 '.count >= 1'
as jan POST "/v1/notifications/$NOTICE/read"
expect 204
as bakery POST "/v1/notifications/$NOTICE/read"
refused 404 not_found
tell 'He is mailed of it too, and wants no mail of the next one: one click in his mail program, without signing in (List-Unsubscribe).'
receives "$JAN" 'heeft de controle van' "$PLATE_VAN"
leave_off
as jan GET /v1/account/notification-settings
expect 200 'any(.settings[]; .kind == "check_ready" and .email == false and .inApp)'
tell 'In the app he takes that back; what is about his account cannot be switched off.'
as jan PUT /v1/account/notification-settings/check_ready '{ inApp: true, email: true, push: true }'
expect 200 '.email == true'
as jan PUT /v1/account/notification-settings/password_changed '{ inApp: true, email: false, push: true }'
refused 409 notification_always_told

tell "Jan sees the check, the photo, and that the car needs something now. He drives it, but it is the fleet's: the fleet decides."
as jan GET "$van/checks/$CHECK/photos"
expect 200 '[.items[].id] == [env.FILE]'
as jan GET "$van/status"
expect 200 '.carStatus == "urgent" and .reasons[0].code == "recommendation_urgent"'
show '"status: \(.carStatus)", (.reasons[] | "  \(.text)")'
as jan GET "$van/recommendations?status=open"
expect 200 '[.items[] | [.task, .urgency]] | sort == [["tyres", "urgent"], ["wipers", "attention"]]'
TYRES=$(of '.items[] | select(.task == "tyres") | .id') WIPERS=$(of '.items[] | select(.task == "wipers") | .id')
as jan POST "$van/recommendations/$TYRES/agree" '{}'
refused 403 only_owner_may_decide
as bakery POST "$van/recommendations/$TYRES/agree" '{}'
expect 200 '.status == "open" and .agreed.channel == "app"'
as bakery POST "$van/recommendations/$WIPERS/decline" '{}'
expect 200 '.status == "declined"'
receives "$GARAGE_MAIL" "$PLATE_VAN"
as bakery GET "/v1/passports?carStatus=urgent&sort=nextDueOn"
expect 200 '[.items[].id] | index(env.VAN) != null'

tell 'At the garage, the home screen lists what is agreed to and not planned yet, with the car.'
as garage GET '/v1/recommendations?status=open&agreed=true'
expect 200 '[.items[].recommendation.id] | index(env.TYRES) != null'
show '.items[] | "\(.licencePlate.shown): \(.recommendation.taskName), \(.recommendation.urgency)"'

tell 'The garage fits the tyres and writes it down. The advice is done, and the interval begins anew.'
record='{ odometerKm: 62000, invoiceNumber: ("W-" + env.WORD), lines: [
  { task: "tyres", kind: "part", quantity: "2", netCents: 18400, vatRate: "21" },
  { task: "tyres", kind: "labour", quantity: "0.5", netCents: 4250, vatRate: "21" }] }'
as garage POST "$van/service-records" "$record"
expect 201 '.totals == { netCents: 22650, vatCents: 4757, grossCents: 27407 } and .warnings == []'
RECORD=$(of .id)
as garage POST "$van/service-records" "$record"
refused 409 service_record_invoice_known
as bakery GET "$van/recommendations/$TYRES"
expect 200 '.status == "done" and .serviceRecordId == env.RECORD'

tell 'What the garage did to the van in earlier years comes from its old system, in one stream. Sent again, it changes nothing.'
history() {
  as garage POST /v1/service-record-imports '' --header 'Content-Type: application/x-ndjson' --data-binary \
    "$(jq --null-input --compact-output '(range(2022; 2026) | { licencePlate: { number: env.PLATE_VAN }, doneOn: "\(.)-05-12", odometerKm: ((. - 2020) * 9000),
        invoiceNumber: "\(.)-\(env.WORD)", lines: [{ task: "oil_and_filter", netCents: 16500, vatRate: "21" }] }),
      { licencePlate: { number: env.PLATE_VAN }, doneOn: "2023-06-01", odometerKm: 5, lines: [{ task: "wipers" }] }')"
}
history
expect 200 '.made == 4 and .existing == 0 and [.refusedLines[] | [.line, .problem.code]] == [[5, "odometer_unconfirmed"]]'
history
expect 200 '.made == 0 and .existing == 4'
as jan GET "$van/service-records?doneUntil=2025-12-31"
expect 200 '[.items[].odometerKm] == [45000, 36000, 27000, 18000] and all(.items[]; .amountsShown == false)'

tell 'Jan sees what was done and what comes, but not what it costs, until the fleet lets him. Then amounts are there too.'
as jan GET "$van/service-records/$RECORD"
expect 200 '.amountsShown == false and .totals == null and ([.lines[].task] | unique == ["tyres"])'
as jan GET "$van/expected-maintenance"
expect 200 '.showsAmounts == false and .costs == [] and (.visits | length) > 2'
as bakery GET "/v1/fleets/$BAKERY_FLEET"
as bakery PUT "/v1/fleets/$BAKERY_FLEET/driver-amounts" '{ driversSeeAmounts: true }' --header "If-Match: $etag"
expect 200 '.driversSeeAmounts == true'
as jan GET "$van/expected-maintenance"
expect 200 '.showsAmounts == true and (.costs | length) > 2 and ([.visits[].items[].cost.basis | strings] | length) > 0'
show '.visits[:3][] | "\(.on): \([.items[].name] | join(", "))\(if .cost then ", about \(.cost.usual.cents / 100) euros" else "" end)"'
as bakery GET "/v1/fleets/$BAKERY_FLEET/summary"
expect 200 '.carStatus.cars == 2 and (.costs | length) > 0 and (.nextVisits | length) > 0'
as garage GET /v1/garage/summary
expect 200 '.carStatus.cars > 2'

# ---------------------------------------------------------------------------------------------------------------------
chapter '7. The fleet hands a car over (overdragen) to a new driver'

tell 'Only the fleet manager may: not the driver, not the garage. And not to who drives it already, nor to the fleet itself.'
offer='{ kind: "new_driver", recipientEmail: env.OMAR }'
as fatima POST "/v1/passports/$PEUGEOT/transfers" "$offer"
refused 403 only_fleet_manager_may_transfer
as garage POST "/v1/passports/$PEUGEOT/transfers" "$offer"
refused 403 only_fleet_manager_may_transfer
as installer POST "/v1/passports/$PEUGEOT/transfers" "$offer"
refused 404 not_found
as bakery POST "/v1/passports/$PEUGEOT/transfers" '{ kind: "new_driver", recipientEmail: env.FATIMA }'
refused 409 recipient_already_holds_role
as bakery POST "/v1/passports/$PEUGEOT/transfers" '{ kind: "new_owner", recipientEmail: env.BAKERY }'
refused 409 recipient_is_fleet

tell 'The manager offers the Peugeot to Omar, a new colleague. He is mailed.'
as bakery POST "/v1/passports/$PEUGEOT/transfers" "$offer"
expect 201 '.status == "offered" and .kind == "new_driver" and .passportId == env.PEUGEOT and .licencePlate == env.PLATE_FATIMA
  and .recipientEmail == env.OMAR and .role == "offerer" and .decidedAt == null
  and ((.expiresAt[:19] + "Z" | fromdate) - (.offeredAt[:19] + "Z" | fromdate) == 14 * 86400)'
TO_OMAR=$(of .id)
receives_link "$OMAR" 'nieuwe bestuurder'

tell 'While the offer is open nothing else can happen to the car: no second offer, no linking or unlinking, no archive; and the fleet cannot be closed.'
as bakery POST "/v1/passports/$PEUGEOT/transfers" '{ kind: "new_owner", recipientEmail: env.NORA }'
refused 409 transfer_open
load garage "$PEUGEOT"
PEUGEOT_ETAG=$etag
as garage DELETE "/v1/passports/$PEUGEOT/fleet" '' --header "If-Match: $PEUGEOT_ETAG"
refused 409 transfer_open
as garage PUT "/v1/passports/$PEUGEOT/fleet" '{ fleetId: env.INSTALLER_FLEET }' --header "If-Match: $PEUGEOT_ETAG"
refused 409 transfer_open
as garage POST "/v1/passports/$PEUGEOT/archive"
refused 409 transfer_open
as garage GET "/v1/transfers?passportId=$PEUGEOT&status=offered"
expect 200 '[.items[] | [.id, .role]] == [[env.TO_OMAR, "garage"]]'
as garage POST "/v1/transfers/$TO_OMAR/accept"
refused 403 only_recipient_may_decide
as garage POST "/v1/transfers/$TO_OMAR/withdraw"
refused 403 only_offerer_may_withdraw
as fatima POST "/v1/transfers/$TO_OMAR/accept"
refused 404 not_found

tell 'Omar is new: with the mailed link he makes his account. The offer itself still waits; the car is not his yet.'
as nobody POST /v1/invitations/preview '{ token: env.TOKEN }'
expect 200 '.purpose == "transfer" and .email == env.OMAR and .licencePlate == env.PLATE_FATIMA and .accountExists == false'
as nobody POST /v1/invitations/accept '{ token: env.TOKEN, password: env.PASSWORD, name: "Omar Idrissi" }'
expect 200 '.transferId == env.TO_OMAR and .passportId == null and .tokens.account.kind == "driver" and .tokens.account.email == env.OMAR'
remember omar .tokens
as omar GET "/v1/passports/$PEUGEOT"
refused 404 not_found
as omar GET /v1/transfers
expect 200 '[.items[] | [.id, .role, .status]] == [[env.TO_OMAR, "recipient", "offered"]]'
as fatima GET "/v1/passports/$PEUGEOT"
expect 200 '.driver.email == env.FATIMA'

tell 'He accepts. He drives it now; Fatima, still signed in with the same token, can no longer reach it. It stays in the fleet.'
as omar POST "/v1/transfers/$TO_OMAR/accept"
expect 200 '.status == "accepted" and .decidedAt != null and .role == "recipient"'
as fatima GET "/v1/passports/$PEUGEOT"
refused 404 not_found
as fatima GET "/v1/passports/$PEUGEOT/custody"
refused 404 not_found
as fatima GET /v1/passports
expect 200 '.items == []'
as fatima GET /v1/account
expect 200 '.email == env.FATIMA'
as omar GET "/v1/passports/$PEUGEOT"
expect 200 '.driver.name == "Omar Idrissi" and .fleet.id == env.BAKERY_FLEET and .owner == "fleet" and .make == "Peugeot"'
as bakery GET "/v1/passports/$PEUGEOT"
expect 200 '.driver.email == env.OMAR'
as garage GET "/v1/passports/$PEUGEOT"
expect 200 '.driver.email == env.OMAR and .customer.email == env.OMAR and .customer.mobile == null'
as omar POST "/v1/transfers/$TO_OMAR/accept"
refused 409 transfer_not_open
receives "$OMAR" 'U bent nu de bestuurder'
receives "$BAKERY" 'geaccepteerd'
receives "$FATIMA" 'overgedragen aan een nieuwe bestuurder'
receives "$GARAGE_MAIL" "$PLATE_FATIMA"

# ---------------------------------------------------------------------------------------------------------------------
chapter '8. An offer that is declined, one that is sent again, and one that is withdrawn'

tell 'The manager offers the Peugeot to Fatima again. She has had enough of it, and declines: all stays as it is.'
as bakery POST "/v1/passports/$PEUGEOT/transfers" '{ kind: "new_driver", recipientEmail: env.FATIMA }'
expect 201 '.status == "offered"'
DECLINED=$(of .id)
receives_link "$FATIMA" 'nieuwe bestuurder'
as nobody POST /v1/invitations/preview '{ token: env.TOKEN }'
expect 200 '.purpose == "transfer" and .accountExists == true'
as bakery POST "/v1/transfers/$DECLINED/decline"
refused 403 only_recipient_may_decide
as fatima POST "/v1/transfers/$DECLINED/decline"
expect 200 '.status == "declined" and .decidedAt != null'
receives "$BAKERY" 'geweigerd'
as fatima POST "/v1/transfers/$DECLINED/accept"
refused 409 transfer_not_open
as omar GET "/v1/passports/$PEUGEOT"
expect 200 '.driver.email == env.OMAR'

tell 'An offer of the van to Nora goes unseen, and is sent again: the older link no longer works. Then the manager takes it back.'
as bakery POST "/v1/passports/$VAN/transfers" '{ kind: "new_driver", recipientEmail: env.NORA, expiresInDays: 3 }'
expect 201 '.status == "offered" and ((.expiresAt[:19] + "Z" | fromdate) - (.offeredAt[:19] + "Z" | fromdate) == 3 * 86400)'
WITHDRAWN=$(of .id)
receives_link "$NORA" 'nieuwe bestuurder'
OLD_LINK=$TOKEN
as bakery POST "/v1/transfers/$WITHDRAWN/resend"
expect 200 '.status == "offered" and .id == env.WITHDRAWN'
receives_link "$NORA" 'nieuwe bestuurder'
as nobody POST /v1/invitations/preview '{ token: env.OLD_LINK }'
refused 409 invitation_revoked
as nobody POST /v1/invitations/preview '{ token: env.TOKEN }'
expect 200 '.purpose == "transfer" and .email == env.NORA'
as bakery POST "/v1/transfers/$WITHDRAWN/withdraw"
expect 200 '.status == "withdrawn" and .decidedAt != null'
receives "$NORA" 'ingetrokken'
as nobody POST /v1/invitations/accept '{ token: env.TOKEN, password: env.PASSWORD }'
refused 409 transfer_not_open
as bakery POST "/v1/transfers/$WITHDRAWN/resend"
refused 409 transfer_not_open

tell 'Omar reads the odometer of the Peugeot.'
as omar POST "/v1/passports/$PEUGEOT/odometer/readings" '{ value: 41000 }'
expect 201 '.value == 41000 and .source == "driver"'

tell "Omar leaves the company. The manager ends his access at once: the Peugeot stands in the fleet without a driver, and is never his. The garage cannot take it out of the fleet, since it would be nobody's."
load bakery "$PEUGEOT"
as omar DELETE "/v1/passports/$PEUGEOT/driver" '' --header "If-Match: $etag"
refused 403 fleet_only
load bakery "$PEUGEOT"
as bakery DELETE "/v1/passports/$PEUGEOT/driver" '' --header "If-Match: $etag"
expect 200 '.driver == null and .owner == "fleet" and .status == "active"'
as omar GET "/v1/passports/$PEUGEOT"
refused 404 not_found
receives "$OMAR" 'uw toegang tot het AutoPaspoort' "$PLATE_FATIMA"
receives "$GARAGE_MAIL" 'heeft geen bestuurder meer' "$PLATE_FATIMA"
as bakery GET "/v1/fleets/$BAKERY_FLEET/passports?hasDriver=false"
expect 200 '[.items[].id] == [env.PEUGEOT]'
load garage "$PEUGEOT"
as garage DELETE "/v1/passports/$PEUGEOT/fleet" '' --header "If-Match: $etag"
refused 409 pool_car_without_driver

tell 'Of the car he reaches nothing more. He still lists that he had it, with what he entered himself; the manager, who has it still, does not.'
as omar GET /v1/former-cars
expect 200 '[.items[] | [.id, .licencePlate.shown]] == [[env.PEUGEOT, env.PLATE_FATIMA]] and .items[0].since < .items[0].until'
as omar GET "/v1/former-cars/$PEUGEOT/odometer-readings"
expect 200 '[.items[].value] == [41000] and .items[0].recordedBy.name == "Omar Idrissi"'
as omar GET "/v1/passports/$PEUGEOT/odometer/readings"
refused 404 not_found
as bakery GET "/v1/former-cars/$PEUGEOT/odometer-readings"
refused 404 not_found

tell 'He comes back after all, and the manager hands the car on to him again. Then it is a car of his, and no former one.'
as bakery POST "/v1/passports/$PEUGEOT/transfers" '{ kind: "new_driver", recipientEmail: env.OMAR }'
expect 201 '.status == "offered"'
BACK_TO_OMAR=$(of .id)
receives_link "$OMAR" 'nieuwe bestuurder'
as omar POST "/v1/transfers/$BACK_TO_OMAR/accept"
expect 200 '.status == "accepted"'
as omar GET "/v1/passports/$PEUGEOT"
expect 200 '.driver.email == env.OMAR and .owner == "fleet"'
as omar GET /v1/former-cars
expect 200 '.items == []'
receives "$OMAR" 'U bent nu de bestuurder'
receives "$BAKERY" 'geaccepteerd'
receives "$GARAGE_MAIL" 'nieuwe bestuurder' "$PLATE_FATIMA"

# ---------------------------------------------------------------------------------------------------------------------
chapter '9. The fleet hands a car over to a new owner (eigenaar)'

tell 'The bakery sells its van to Nora. She makes her account with the mailed link, and accepts.'
as bakery POST "/v1/passports/$VAN/transfers" '{ kind: "new_owner", recipientEmail: env.NORA }'
expect 201 '.status == "offered" and .kind == "new_owner"'
TO_NORA=$(of .id)
receives_link "$NORA" 'nieuwe eigenaar'
as nobody POST /v1/invitations/accept '{ token: env.TOKEN, password: env.PASSWORD, name: "Nora Bakker" }'
expect 200 '.transferId == env.TO_NORA and .tokens.account.name == "Nora Bakker"'
remember nora .tokens
as jan GET "/v1/passports/$VAN"
expect 200 '.driver.email == env.JAN'
as nora POST "/v1/transfers/$TO_NORA/accept"
expect 200 '.status == "accepted" and .role == "recipient"'

tell 'From that moment the car is gone from the fleet: the manager cannot reach it, nor can Jan, who drove it.'
as bakery GET "/v1/passports/$VAN"
refused 404 not_found
as bakery GET "/v1/passports/$VAN/custody"
refused 404 not_found
as bakery GET "/v1/fleets/$BAKERY_FLEET/passports"
expect 200 '[.items[].id] == [env.PEUGEOT]'
as bakery GET /v1/passports
expect 200 '[.items[].id] == [env.PEUGEOT]'
as bakery GET "/v1/fleets/$BAKERY_FLEET"
expect 200 '.passportCount == 1'
as bakery POST "/v1/passports/$VAN/transfers" '{ kind: "new_owner", recipientEmail: env.OMAR }'
refused 404 not_found
as jan GET "/v1/passports/$VAN"
refused 404 not_found
as jan GET /v1/passports
expect 200 '[.items[].id] == [env.JANS_CAR]'

tell "Nora owns and drives it. What is the car's came with it; the manager keeps the record of the act, and no more."
as nora GET "/v1/passports/$VAN"
expect 200 '.driver.email == env.NORA and .owner == "driver" and .fleet == null and .make == "Renault" and .model == "Kangoo" and .customer == null'
as bakery GET "/v1/transfers/$TO_NORA"
expect 200 '.status == "accepted" and .licencePlate == env.PLATE_VAN and .recipientEmail == env.NORA and .role == "offerer" and .decidedAt != null'
as bakery GET /v1/transfers
expect 200 '[.items[] | [.id, .status]] | sort == ([[env.TO_OMAR, "accepted"], [env.DECLINED, "declined"], [env.WITHDRAWN, "withdrawn"],
  [env.BACK_TO_OMAR, "accepted"], [env.TO_NORA, "accepted"]] | sort)'
as jan GET "/v1/transfers/$TO_NORA"
refused 404 not_found
as garage GET "/v1/passports/$VAN"
expect 200 '.customer.email == env.NORA and .customer.mobile == null and .customer.id != env.CUSTOMER_BAKERY and .fleet == null'
receives "$NORA" 'U bent nu de eigenaar'
receives "$BAKERY" 'geaccepteerd'
receives "$JAN" 'overgedragen aan een nieuwe eigenaar'
receives "$GARAGE_MAIL" "$PLATE_VAN"

# ---------------------------------------------------------------------------------------------------------------------
chapter '10. The new owner sells the car on'

tell 'In no fleet, the car is its owner'\''s to hand over: not the garage'\''s, and to a new owner only.'
as garage POST "/v1/passports/$VAN/transfers" '{ kind: "new_owner", recipientEmail: env.FATIMA }'
refused 403 only_owner_may_transfer
as nora POST "/v1/passports/$VAN/transfers" '{ kind: "new_driver", recipientEmail: env.FATIMA }'
refused 409 new_driver_only_in_fleet
as nora POST "/v1/passports/$VAN/transfers" '{ kind: "new_owner", recipientEmail: env.NORA }'
refused 409 recipient_already_holds_role
as nora POST "/v1/passports/$VAN/transfers" '{ kind: "new_owner", recipientEmail: env.FATIMA }'
expect 201 '.status == "offered" and .role == "offerer"'
TO_FATIMA=$(of .id)
receives_link "$FATIMA" 'nieuwe eigenaar'

tell 'Fatima has an account: she signs in and accepts. Nora keeps the record, and sees the car no more.'
sign_in fatima "$FATIMA" "$PASSWORD" driver
as fatima POST "/v1/transfers/$TO_FATIMA/accept"
expect 200 '.status == "accepted"'
as nora GET "/v1/passports/$VAN"
refused 404 not_found
as nora GET "/v1/transfers/$TO_FATIMA"
expect 200 '.status == "accepted" and .role == "offerer" and .licencePlate == env.PLATE_VAN'
as fatima GET "/v1/passports/$VAN"
expect 200 '.driver.email == env.FATIMA and .owner == "driver"'
receives "$NORA" 'geaccepteerd'
receives "$FATIMA" 'U bent nu de eigenaar'

tell 'The garage reads the history of hands: who drove the van, whose it was and in which fleet, oldest first. Later acts never rewrote it.'
as garage GET "/v1/passports/$VAN/custody"
expect 200 '.items as $all | [$all[].number] == [range(1; ($all | length) + 1)]
  and [$all[] | select(.role == "driver" and .holder == "account") | .name] == ["Jan Jansen", "Nora Bakker", "Fatima Yılmaz"]
  and ([$all[] | select(.role == "owner") | .name] | .[-2:] == ["Nora Bakker", "Fatima Yılmaz"])
  and any($all[]; .holder == "fleet" and .name == env.BAKERY_NAME and .until != null)
  and ([$all[] | select(.until == null and .holder == "account") | .name] | unique == ["Fatima Yılmaz"])'
of '.items[] | "                  \(.number). \(.role): \(.name // .holder), \(.since[:19]) to \(.until // "now" | .[:19])"'

tell 'Fatima sees the same periods, without the names of those before her.'
as fatima GET "/v1/passports/$VAN/custody"
expect 200 '[.items[] | .name | select(. != null)] | unique == ["Fatima Yılmaz"]'

# ---------------------------------------------------------------------------------------------------------------------
chapter '11. The fleet is closed'

tell 'Not while cars are linked to it, and not by the manager.'
as bakery POST "/v1/fleets/$BAKERY_FLEET/close"
refused 403 staff_only
as garage POST "/v1/fleets/$BAKERY_FLEET/close"
refused 409 fleet_has_passports

tell 'The garage unlinks (ontkoppelt) the last car. Omar, who drives it, is told; the manager sees it no more.'
load garage "$PEUGEOT"
PEUGEOT_ETAG=$etag
as garage DELETE "/v1/passports/$PEUGEOT/fleet"
refused 428 precondition_required
as garage DELETE "/v1/passports/$PEUGEOT/fleet" '' --header 'If-Match: "9999"'
refused 412 precondition_failed
as garage DELETE "/v1/passports/$PEUGEOT/fleet" '' --header "If-Match: $PEUGEOT_ETAG"
expect 200 '.fleet == null and .driver.email == env.OMAR'
receives "$OMAR" "ontkoppeld van wagenpark $BAKERY_NAME"
as bakery GET "/v1/passports/$PEUGEOT"
refused 404 not_found
as bakery GET "/v1/fleets/$BAKERY_FLEET/passports"
expect 200 '.items == []'

tell 'That was too soon for the manager: one tap, and the car is in the fleet again. The garage is mailed, and Omar too.'
receives "$BAKERY" "ontkoppeld van wagenpark $BAKERY_NAME"
as bakery GET "/v1/link-changes?status=open"
expect 200 '[.items[] | [.kind, .role, .licencePlate]] == [["unlinked", "former_owner", env.PLATE_FATIMA]]'
CHANGE=$(of '.items[0].id')
as garage POST "/v1/fleets/$BAKERY_FLEET/close"
refused 409 fleet_may_object
as omar POST "/v1/link-changes/$CHANGE/object"
refused 403 only_former_owner_may_decide
as bakery POST "/v1/link-changes/$CHANGE/object"
expect 200 '.status == "objected"'
receives "$GARAGE_MAIL" 'bezwaar gemaakt tegen het ontkoppelen' "$PLATE_FATIMA"
receives "$OMAR" "De auto zit weer in het wagenpark"
as bakery POST "/v1/link-changes/$CHANGE/object"
refused 409 link_change_not_open

tell 'They talk it over. The garage unlinks it once more, and now the manager agrees.'
load garage "$PEUGEOT"
as garage DELETE "/v1/passports/$PEUGEOT/fleet" '' --header "If-Match: $etag"
expect 200 '.fleet == null'
as bakery GET "/v1/link-changes?status=open"
CHANGE=$(of '.items[0].id')
as bakery POST "/v1/link-changes/$CHANGE/agree"
expect 200 '.status == "agreed"'

tell 'Now it can be closed. The manager is out at once, with every token, and cannot sign in any more. Of the record nothing is lost.'
as garage POST "/v1/fleets/$BAKERY_FLEET/close"
expect 200 '.status == "closed" and .passportCount == 0'
as bakery GET /v1/account
refused 401 unauthenticated
as nobody POST /v1/auth/refresh "{ refreshToken: \"${refresh[bakery]}\" }"
refused 401 session_ended
as nobody POST /v1/auth/login '{ email: env.BAKERY, password: env.PASSWORD }'
refused 401 credentials_invalid
load garage "$PEUGEOT"
as garage PUT "/v1/passports/$PEUGEOT/fleet" '{ fleetId: env.BAKERY_FLEET }' --header "If-Match: $etag"
refused 409 fleet_closed
as garage GET "/v1/fleets?search=zoe$WORD&status=open"
expect 200 '[.items[].id] == [env.INSTALLER_FLEET]'
as garage GET "/v1/transfers/$TO_NORA"
expect 200 '.status == "accepted" and .role == "garage"'
as jan GET "/v1/passports/$JANS_CAR"
expect 200 '.status == "active" and .driver.email == env.JAN'

# ---------------------------------------------------------------------------------------------------------------------
chapter '12. A car goes to another garage'

tell 'Fatima moves. Her new garage signs in. It keeps no passport of the van, and a guess at the end of its VIN says nothing.'
sign_in bakker "$OTHER_GARAGE_EMAIL" "$GARAGE_PASSWORD" staff
as bakker GET "/v1/passports/$VAN"
refused 404 not_found
as bakker POST /v1/garage-changes '{ licencePlate: { number: env.PLATE_VAN }, vinEnd: "0000",
  customer: { kind: "person", name: "Fatima Yılmaz", email: env.FATIMA } }'
refused 404 garage_change_no_match

tell 'She gives it an invitation. Only the owner can: not the garage that keeps the passport.'
as garage POST "/v1/passports/$VAN/garage-invitation"
refused 403 only_owner_may_decide
as fatima POST "/v1/passports/$VAN/garage-invitation"
expect 200 '.token != null and .expiresAt != null'
INVITATION=$(of .token)
as bakker POST /v1/garage-changes '{ invitation: env.INVITATION, customer: { kind: "person", name: "Fatima Yılmaz", email: env.FATIMA } }'
expect 201 '.status == "requested" and .role == "garage" and .licencePlate == env.PLATE_VAN'
MOVE=$(of .id)

tell 'Until she agrees the other garage sees nothing of the car, the present one nothing of the request, and nobody can hand the car over.'
receives "$FATIMA" 'wil het AutoPaspoort van'
as bakker GET "/v1/passports/$VAN"
refused 404 not_found
as garage GET "/v1/garage-changes/$MOVE"
refused 404 not_found
as fatima POST "/v1/passports/$VAN/transfers" '{ kind: "new_owner", recipientEmail: env.NORA }'
refused 409 garage_change_open
as bakker POST "/v1/garage-changes/$MOVE/agree"
refused 403 only_owner_may_decide

tell 'One tap. The new garage has the car with its history, without the names of before; the former one is mailed, and not where the car went.'
as fatima GET '/v1/garage-changes?status=requested'
expect 200 'any(.items[]; .id == env.MOVE and .role == "owner" and .garageName != null)'
as fatima POST "/v1/garage-changes/$MOVE/agree"
expect 200 '.status == "agreed" and .decidedAt != null'
receives "$GARAGE_MAIL" 'heeft een andere garage gekozen' "$PLATE_VAN"
as bakker GET "/v1/passports/$VAN"
expect 200 '.driver.email == env.FATIMA and .licencePlate.number != null'
as bakker GET "/v1/passports/$VAN/odometer/readings"
expect 200 '(.items | length) > 0 and all(.items[]; .recordedBy == null)'
as garage GET "/v1/passports/$VAN"
refused 404 not_found
as garage GET "/v1/garage-changes/$MOVE"
expect 200 '.status == "agreed" and .role == "former_garage" and .garageName == null'
as fatima GET "/v1/passports/$VAN"
expect 200 '.owner == "driver" and .status == "active"'

# ---------------------------------------------------------------------------------------------------------------------
chapter '13. Mistakes are mended'

tell "The garage makes a passport for Ria, $PLATE_RIA, and mistypes her e-mail. The link goes to a stranger."
as garage POST /v1/passports '{ licencePlate: { number: env.PLATE_RIA }, customer: { kind: "person", name: "Ria Vos", email: env.MISTYPED } }'
expect 201 '.status == "invited" and .customer.email == env.MISTYPED'
RIAS_CAR=$(of .id)
CUSTOMER_RIA=$(of .customer.id)
receives_link "$MISTYPED" "$PLATE_RIA"
OLD_LINK=$TOKEN

tell 'It corrects the e-mail. The link that is out dies at once, and Ria is mailed a new one.'
as garage GET "/v1/customers/$CUSTOMER_RIA"
expect 200 '.email == env.MISTYPED'
as garage PATCH "/v1/customers/$CUSTOMER_RIA" '{ email: env.RIA }' --header "If-Match: $etag"
expect 200 '.email == env.RIA and .name == "Ria Vos"'
receives_link "$RIA" "$PLATE_RIA"
as nobody POST /v1/invitations/preview '{ token: env.OLD_LINK }'
refused 409 invitation_revoked
as nobody POST /v1/invitations/preview '{ token: env.TOKEN }'
expect 200 '.purpose == "passport" and .email == env.RIA and .licencePlate == env.PLATE_RIA and .accountExists == false'

tell 'Ria passes the mail on, and Nora adds the car to her own account with the link. The garage is told that it was another address. For seven days Nora cannot offer the car to anyone.'
as nora POST /v1/invitations/accept '{ token: env.TOKEN }'
expect 200 '.passportId == env.RIAS_CAR and .tokens == null'
receives "$GARAGE_MAIL" 'geactiveerd met een ander e-mailadres' "$PLATE_RIA"
as nora GET "/v1/passports/$RIAS_CAR"
expect 200 '.status == "active" and .driver.email == env.NORA'
as nora POST "/v1/passports/$RIAS_CAR/transfers" '{ kind: "new_owner", recipientEmail: env.OMAR }'
refused 409 activation_not_settled

tell 'It is not hers: the garage ends that activation. Nora cannot do that, and afterwards the car does not exist for her.'
as nora POST "/v1/passports/$RIAS_CAR/revoke-activation"
refused 403 staff_only
as garage POST "/v1/passports/$RIAS_CAR/revoke-activation"
expect 200 '.status == "invited" and .driver == null and .customer.email == env.RIA'
receives "$NORA" 'De activatie van' "$PLATE_RIA"
as nora GET "/v1/passports/$RIAS_CAR"
refused 404 not_found
as garage POST "/v1/passports/$RIAS_CAR/revoke-activation"
refused 409 activation_stands

tell 'A new link is mailed to Ria, and now she uses it herself. What her own address activated, the garage cannot end.'
as garage POST "/v1/passports/$RIAS_CAR/invitation"
expect 202
receives_link "$RIA" "$PLATE_RIA"
as nobody POST /v1/invitations/accept '{ token: env.TOKEN, password: env.PASSWORD }'
expect 200 '.passportId == env.RIAS_CAR and .tokens.account.email == env.RIA and .tokens.account.name == "Ria Vos"'
remember ria .tokens
as garage POST "/v1/passports/$RIAS_CAR/revoke-activation"
refused 409 activation_stands

tell 'The garage archives the wrong car: the Peugeot that Omar drives. Nobody has it any more, and he is mailed.'
as garage POST "/v1/passports/$PEUGEOT/archive"
expect 200 '.status == "archived" and .driver == null'
receives "$OMAR" 'gearchiveerd'
as omar GET "/v1/passports/$PEUGEOT"
refused 404 not_found

tell 'Within 30 days it takes the passport back. Omar has the car again, and is mailed.'
as garage POST "/v1/passports/$PEUGEOT/unarchive"
expect 200 '.status == "active" and .driver.email == env.OMAR and .licencePlate.shown == env.PLATE_FATIMA'
receives "$OMAR" 'weer in gebruik'
as omar GET "/v1/passports/$PEUGEOT"
expect 200 '.status == "active" and .owner == "driver"'
as garage POST "/v1/passports/$PEUGEOT/unarchive"
refused 409 passport_not_archived

tell "Ria's car leaves, and comes back with another passport: it is the same vehicle, and begins where it was. Its odometer cannot be washed: what is lower than the readings before must be confirmed, and the verdict stays."
as garage POST "/v1/passports/$RIAS_CAR/odometer/readings" '{ value: 150000, readOn: "2024-01-10" }'
expect 201 '.odometerKm == 150000'
as garage POST "/v1/passports/$RIAS_CAR/odometer/readings" '{ value: 70000, readOn: "2025-01-10", confirm: true }'
expect 201 '.confirmed == true'
load garage "$RIAS_CAR"
RIAS_VEHICLE=$(of .vehicleId)
as garage POST "/v1/passports/$RIAS_CAR/archive"
expect 200 '.status == "archived"'
receives "$RIA" 'gearchiveerd'
again='{ licencePlate: { number: env.PLATE_RIA }, customerId: env.CUSTOMER_RIA }'
as garage POST /v1/passports "$again + { odometerKm: 60000 }"
refused 409 odometer_unconfirmed '.errors | any(.code == "odometer_falls")'
as garage POST /v1/passports "$again"
expect 201 '.vehicleId == env.RIAS_VEHICLE and .odometerKm == 70000 and .id != env.RIAS_CAR'
RIAS_CAR=$(of .id)
receives_link "$RIA" "$PLATE_RIA"
as ria POST /v1/invitations/accept '{ token: env.TOKEN }'
expect 200 '.passportId == env.RIAS_CAR'
as ria GET "/v1/passports/$RIAS_CAR/odometer"
expect 200 '.verdict == "illogical" and .latest.odometerKm == 70000 and .earlierReadings == false'
as ria GET "/v1/passports/$RIAS_CAR/odometer/readings"
expect 200 '[.items[].odometerKm] == [150000, 70000] and all(.items[]; .recordedBy == null)'

# ---------------------------------------------------------------------------------------------------------------------
chapter '14. A second factor at sign-in'

tell "The fleet account of $INSTALLER_NAME gets a second factor. The present password is needed, and the answer has a secret for an authenticator app."
second_factor=/v1/account/second-factor
as installer GET "$second_factor"
expect 200 '.state == "none" and .required == false'
as installer POST "$second_factor" '{ currentPassword: "not the password" }'
refused 400 invalid_request '.errors | any(.code == "password_wrong")'
as installer POST "$second_factor" '{ currentPassword: env.MANAGERS_PASSWORD }'
expect 200 '(.secret | length == 32) and (.uri | startswith("otpauth://totp/"))'
open_app "$(of .secret)"

tell 'It counts once a code of the app was given. Ten recovery codes are shown, this once, and a notice is mailed.'
as installer GET "$second_factor"
expect 200 '.state == "begun" and .activeSince == null'
next_code
as installer POST "$second_factor/confirm" '{ code: env.CODE }'
expect 200 '.recoveryCodes | length == 10'
RECOVERY_CODE=$(of '.recoveryCodes[0]') LAST_RECOVERY_CODE=$(of '.recoveryCodes[9]')
receives "$INSTALLER" 'heeft een tweede factor'
as installer GET "$second_factor"
expect 200 '.state == "active" and .recoveryCodesLeft == 10'

tell 'From now on the password alone opens nothing. The code of the app does, and each code works once.'
login='{ email: env.INSTALLER, password: env.MANAGERS_PASSWORD }'
as nobody POST /v1/auth/login "$login"
refused 401 second_factor_required
as nobody POST /v1/auth/login "$login + { secondFactor: env.CODE }"
refused 401 second_factor_wrong
next_code
as nobody POST /v1/auth/login "$login + { secondFactor: env.CODE, rememberDevice: true }"
expect 200 '.account.email == env.INSTALLER and .deviceToken != null'
remember installer ''
DEVICE=$(of .deviceToken)

tell 'The manager asked that this device be remembered: for 30 days it needs the password only.'
as nobody POST /v1/auth/login "$login + { deviceToken: env.DEVICE }"
expect 200 '.account.email == env.INSTALLER'

tell 'On another device, without the telephone, a recovery code takes the place of the code. It works once, and its use is mailed.'
as nobody POST /v1/auth/login "$login + { secondFactor: env.RECOVERY_CODE }"
expect 200 '.account.email == env.INSTALLER'
remember installer ''
receives "$INSTALLER" 'herstelcode van uw account gebruikt'
as nobody POST /v1/auth/login "$login + { secondFactor: env.RECOVERY_CODE }"
refused 401 second_factor_wrong
as installer GET "$second_factor"
expect 200 '.state == "active" and .recoveryCodesLeft == 9'

tell 'It is switched off again with the password and a code, here another recovery code. Then the password is enough.'
as installer POST "$second_factor/remove" '{ currentPassword: "not the password", code: env.LAST_RECOVERY_CODE }'
refused 400 invalid_request '.errors | any(.code == "password_wrong")'
as installer POST "$second_factor/remove" '{ currentPassword: env.MANAGERS_PASSWORD, code: env.LAST_RECOVERY_CODE }'
expect 204
receives "$INSTALLER" 'tweede factor van uw account is verwijderd'
sign_in installer "$INSTALLER" "$MANAGERS_PASSWORD" fleet
as installer GET "$second_factor"
expect 200 '.state == "none" and .recoveryCodesLeft == 0'

# ---------------------------------------------------------------------------------------------------------------------
chapter '15. People are told in time'

tell "The APK of Els's car, $PLATE_ELS, expires on $APK_DAY. Her calendar (agenda) shows it: its secret address is told once, and a calendar program reads it without signing in."
as els PUT /v1/account/calendar
expect 200 '.address | endswith(".ics")'
CALENDAR=$(of .address)
as nobody GET "/calendar/${CALENDAR##*/}"
request='GET /calendar/{secret}.ics'
shows 200 text/calendar "UID:$ELS_CAR-apk@autopaspoort" "DTSTART;VALUE=DATE:${APK_DAY//-/}" "SUMMARY:APK verloopt: $PLATE_ELS"
as els GET /v1/account/calendar
expect 200 '.since != null and .address == null'

tell 'The garage writes an APK mailing to the customers whose APK expires on that day. A preview says who is mailed and who is not: nothing is known of how it got her address.'
mailing='{ subject: "De APK van {{kenteken}} verloopt op {{apk_datum}}", selection: { expiresFrom: env.APK_DAY, expiresUntil: env.APK_DAY },
  body: "Beste {{naam}},\n\nBelt u ons op {{telefoon}} voor een afspraak voor uw {{kenteken}}?" }'
as garage POST /v1/apk-mailings '{ subject: "APK", body: "<b>Bel ons</b> op {{nummer}}",
  selection: { expiresFrom: env.APK_DAY, expiresUntil: env.APK_DAY } }'
refused 400 invalid_request '[.errors[].code] | contains(["html", "placeholder_unknown"])'
as garage POST /v1/apk-mailings "$mailing"
expect 201 '.status == "draft" and .sendAt == null'
MAILING=$(of .id)
as garage GET "/v1/apk-mailings/$MAILING/preview"
expect 200 'any(.leftOutCars[]; .passportId == env.ELS_CAR and .reason == "no_basis")'

tell 'It got the address with a sale, and offered an objection then. Now she is mailed; the preview shows how that will look.'
BEFORE_TODAY=$(date --date '-2 days' +%F)
as garage GET "/v1/customers/$CUSTOMER_INSTALLER"
expect 200 '.email == env.ELS and .emailSource == null and .emailSuppressed == null'
as garage PATCH "/v1/customers/$CUSTOMER_INSTALLER" '{ emailSource: { how: "sale_or_service", on: env.BEFORE_TODAY, objectionOffered: true } }' \
  --header "If-Match: $etag"
expect 200 '.emailSource.objectionOffered'
as garage GET "/v1/apk-mailings/$MAILING/preview"
expect 200 '.recipients >= 1 and (.samples[0].text | contains("Belt u ons op")) and all(.leftOutCars[]; .passportId != env.ELS_CAR)'
show '.samples[0] | "\(.subject)", (.text | split("\n")[2])'

tell 'It is scheduled, and taken back. Nobody is woken: what would go out between 20:00 and 8:00 at the garage waits for the morning.'
SOON=$(date --utc --date '+5 minutes' +%FT%TZ)
as garage GET "/v1/apk-mailings/$MAILING"
expect 200 '.status == "draft"'
as garage POST "/v1/apk-mailings/$MAILING/schedule" '{ sendAt: env.SOON }' --header "If-Match: $etag"
expect 200 '.status == "scheduled" and (.sendAt == env.SOON or (.sendAt > env.SOON and (.sendAt | endswith(":00:00Z"))))'
SEND_AT=$(of .sendAt)
as garage POST "/v1/apk-mailings/$MAILING/unschedule" '' --header "If-Match: $etag"
expect 200 '.status == "draft" and .sendAt == null'
MAILING_ETAG=$etag
as garage GET "/v1/apk-mailings/$MAILING/preview"
expect 200 '.beginsAt != null'
BEGINS_AT=$(of '.beginsAt[:19] + "Z"')

# The server says whether it is day at the garage, now and for as long as the rest takes.
if [[ $SEND_AT == "$SOON" && ! $BEGINS_AT > $(date --utc +%FT%TZ) ]]; then
  tell 'It is day there. So Els was reminded, by mail and in the app, within a minute after the date was known.'
  patience=90
  receives "$ELS" "is geldig tot en met $(in_dutch "$APK_DAY")" "$PLATE_ELS"
  patience=15
  [[ $mail == *$'\nList-Unsubscribe: <'* ]] || die "the reminder to $ELS can't be left off."
  hears els reminder_apk
  show 'first(.items[] | select(.kind == "reminder_apk")) | "\(.title)", "  \(.text | split("\n")[0])"'
  TITLE=$(of 'first(.items[] | select(.kind == "reminder_apk")) | .title')
  # On a Sunday no push is sent that can wait.
  if [[ -n $push_server && $(TZ=Europe/Amsterdam date +%u) != 7 ]]; then
    tell 'Her browser was told too. Nobody on the way could read the message, and a lock screen shows no more than this.'
    is_pushed
    jq --exit-status '.title == env.TITLE and (.url | startswith("/"))' <<<"$ANSWER" >/dev/null || die "the push message says: $ANSWER"
    show '"\(.title) -> \(.url)"'
  fi

  tell 'The garage sends its mailing after all, now. The list says what became of each car.'
  as garage POST "/v1/apk-mailings/$MAILING/schedule" '{}' --header "If-Match: $MAILING_ETAG"
  expect 200 '.status == "scheduled" and .sendAt != null'
  receives "$ELS" 'Belt u ons op' "$PLATE_ELS"
  for _ in {1..150}; do
    as garage GET "/v1/apk-mailings/$MAILING/recipients"
    if jq --exit-status 'any(.items[]?; .passportId == env.ELS_CAR and .outcome != "waiting")' <<<"$ANSWER" >/dev/null; then break; fi
    sleep 0.1
  done
  expect 200 'any(.items[]; .passportId == env.ELS_CAR and .outcome == "sent" and .email == env.ELS and .apkExpiresOn == env.APK_DAY)'
  show '.items[] | "\(.plate): \(.leftOutBecause // .outcome)"'
  as garage GET "/v1/apk-mailings/$MAILING"
  expect 200 '.begunAt != null and .counts.sent >= 1'
  as garage GET "/v1/garage/apk-list?expiresFrom=$APK_DAY&expiresUntil=$APK_DAY&mailed=true"
  expect 200 'any(.items[]; .passportId == env.ELS_CAR and .mailingId == env.MAILING and .notMailableBecause == "already_mailed")'

  tell 'Els wants no more of these: one click. The next mailing leaves her out for that, and only she can take it back.'
  leave_off
  as garage POST /v1/apk-mailings "$mailing"
  expect 201 '.status == "draft"'
  MAILING=$(of .id) MAILING_ETAG=$etag
  as garage GET "/v1/apk-mailings/$MAILING/preview"
  expect 200 'any(.leftOutCars[]; .passportId == env.ELS_CAR and .reason == "objected")'
  as garage GET "/v1/customers/$CUSTOMER_INSTALLER"
  expect 200 '.emailSuppressed == "objected"'
else
  tell "It is night there, or nearly, so the mailing would wait until $BEGINS_AT, as Els's reminder does. (Play this by day to see them arrive.)"
fi
as garage DELETE "/v1/apk-mailings/$MAILING" '' --header "If-Match: $MAILING_ETAG"
expect 204

# ---------------------------------------------------------------------------------------------------------------------
chapter '16. The garage owner has a car of her own'

PLATE_ANNEKE=$(plate 6) ANNEKE=anneke.$RUN@thuis.example

tell 'The garage owner has a car herself. Her login is of the garage, so the mail says that a passport needs another address of hers: she has the link sent there.'
as garage POST /v1/passports '{ licencePlate: { number: env.PLATE_ANNEKE }, customer: { kind: "person", name: "Anneke de Vries", email: env.GARAGE_EMAIL } }'
expect 201 '.status == "invited"'
ANNEKES_CAR=$(of .id) ANNEKES_RECORD=$(of .customer.id)
receives_link "$GARAGE_EMAIL" "$PLATE_ANNEKE" "$PLATE_ANNEKE"
[[ $mail == *'ander e-mailadres'* ]] || die "the mail to $GARAGE_EMAIL does not say that another address is needed."
as nobody POST /v1/invitations/accept '{ token: env.TOKEN, password: env.PASSWORD, name: "Anneke" }'
refused 409 email_in_use
as nobody POST /v1/invitations/elsewhere '{ token: env.TOKEN, otherEmail: env.ANNEKE }'
expect 202
receives_link "$ANNEKE" "$PLATE_ANNEKE"
as nobody POST /v1/invitations/accept '{ token: env.TOKEN, password: env.PASSWORD, name: "Anneke de Vries" }'
expect 200 '.passportId == env.ANNEKES_CAR and .tokens.account.kind == "driver"'
remember anneke .tokens
as anneke GET /v1/passports
expect 200 '[.items[].id] == [env.ANNEKES_CAR]'
as garage GET "/v1/passports/$ANNEKES_CAR"
expect 200 '.status == "active"'

# ---------------------------------------------------------------------------------------------------------------------
chapter '17. Everyone signs out'

tell 'Signing out ends the session at once: neither token works any more.'
as omar GET /v1/auth/sessions
expect 200 '[.items[].current] == [true]'
for person in anneke omar fatima nora jan els ria installer bakker garage; do
  as "$person" POST /v1/auth/logout
  expect 204
  as "$person" GET /v1/account
  refused 401 unauthenticated
done
as nobody POST /v1/auth/refresh "{ refreshToken: \"${refresh[omar]}\" }"
refused 401 session_ended

printf '\nThe story is over: all %d answers were as expected.\n' "$steps"
