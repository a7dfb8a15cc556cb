#!/usr/bin/env bash
# Proves that API clients can be generated from openapi.yaml, and that they work: with openapi-typescript and with
# openapi-generator for TypeScript, Python, Kotlin and Swift. TypeScript is compiled strictly, Kotlin is compiled; they
# and Python are run against a server of their own (make build). Swift, for which there is no compiler to install, is
# looked through with a parser. The document is what the server gives as JSON; that openapi.yaml is the same, also to a
# reader of YAML 1.1 such as openapi-generator's, is the first check. docs/clients.md tells how to use these clients.
#
#   scripts/check-clients.sh [--keep FOLDER] [YAML JSON]
#
#   --keep FOLDER   a new folder for everything that is generated, which is left there
#   YAML JSON       another document, in both forms
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
tools=$root/tools/client-check
python=$tools/.venv/bin/python

folder=
passed=
keep=
yaml=$root/openapi.yaml
json=

# What openapi-generator says of every OpenAPI 3.1 document, and of every `oneOf` with null.
ALWAYS_SAID='OpenAPI 3.1 support is still in beta|Failed to get the schema name: null$'

# check TITLE COMMAND...: runs it, tells how it went, with all that it said when it failed, and sets `passed` to yes or no.
# Not to be called within a condition, where bash would let COMMAND go on after its first error.
check() {
  local title=$1 log began=$SECONDS
  shift
  log=$(mktemp -p "$folder/logs")
  passed=yes
  "$@" >"$log" 2>&1 </dev/null &
  wait $! || passed=no
  {
    flock 9
    if [[ $passed == yes ]]; then
      printf 'ok      %s (%s s)\n' "$title" $((SECONDS - began))
    else
      printf 'FAILED  %s\n' "$title" | tee -a "$folder/failed"
      head -n 100 "$log" | cut -c 1-300 | sed 's/^/          /'
    fi
  } 9>"$folder/one-speaks"
}

# one_by_one COMMAND...: runs it when no other works with the server: a garage has one import at a time.
one_by_one() {
  flock "$folder/one-works" "$@"
}

openapi_generator() {
  java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -jar "$generator" "$@"
}

yaml_is_json() {
  "$python" "$tools/document.py" compare "$yaml" document.json
  openapi_generator validate --input-spec "$yaml"
}

# generate NAME: makes NAME/ as generators/NAME.yaml says. A warning is an error, and so is a type that openapi-generator
# has to find a name for.
generate() {
  openapi_generator generate --input-spec document.json --config "$tools/generators/$1.yaml" --output "$1" \
    --global-property apiDocs=false,modelDocs=false,apiTests=false,modelTests=false
}

generate_quietly() {
  local said=logs/generate-$1
  generate "$1" >"$said" 2>&1 || {
    cat "$said"
    return 1
  }
  if grep -E '(WARN|ERROR) |Inline schema created' "$said" | grep -Ev "$ALWAYS_SAID" | cut -d. -f 1-4; then return 1; fi
}

typescript() {
  mkdir typescript
  cp "$tools"/typescript/* typescript
  ln -s "$tools/node_modules" typescript/node_modules
  echo '{ "type": "module" }' >typescript/package.json
  typescript/node_modules/.bin/openapi-typescript document.json --output typescript/api.ts
  mv typescript-fetch typescript/client
}

compile_typescript() {
  typescript/node_modules/.bin/tsc --project typescript
}

find_jars() {
  local kotlin okhttp
  kotlin=$("$python" -c 'import pathlib, run_kotlin_kernel as found; print(pathlib.Path(found.__file__).parent / "jars")')
  okhttp=$tools/node_modules/allure-commandline/dist/plugins/jira-plugin/lib
  compiler=("$kotlin"/kotlin-jupyter-kernel-*-all.jar)
  compiler_path=$kotlin/'*'
  # What a Kotlin project would name as its dependencies.
  libraries=("$kotlin"/kotlin-stdlib-*.jar "$kotlin"/kotlinx-serialization-*.jar "$okhttp"/ok{http,io}-jvm-*.jar)
  class_path=$(IFS=: && echo "${libraries[*]}")
}

# The scripting plugin would be found twice: it is in the jar of the compiler itself.
compile_kotlin() {
  java -Xmx2g -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp "$compiler_path" \
    org.jetbrains.kotlin.cli.jvm.K2JVMCompiler -Xdisable-default-scripting-plugin -Xplugin="${compiler[0]}" \
    -no-stdlib -no-reflect -classpath "$class_path" -d kotlin/out kotlin/src/main/kotlin "$tools/kotlin"
}

run_kotlin() {
  one_by_one java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp "kotlin/out:$class_path" StoryKt tomorrow.json
}

run_python() {
  PYTHONPATH=python one_by_one "$python" "$tools/python/story.py" tomorrow.json
}

look_through_swift() {
  "$python" "$tools/swift/check.py" swift/Sources names.json
}

# The two halves run at the same time, each on a core: Kotlin's compiler takes as long as all the others together.
first_half() {
  check 'Kotlin: generated without a warning' generate_quietly kotlin
  [[ -d kotlin ]] || return 0
  check 'Kotlin: compiled' compile_kotlin
  [[ $passed == yes ]] || return 0
  check 'Kotlin: used against a server' run_kotlin
}

second_half() {
  check 'openapi.yaml is the JSON document, to a YAML 1.1 reader too' yaml_is_json
  check 'Python: generated without a warning' generate_quietly python
  if [[ -d python ]]; then check 'Python: imported, and used against a server' run_python; fi
  check 'Swift: generated without a warning' generate_quietly swift
  if [[ -d swift ]]; then check 'Swift: looked through' look_through_swift; fi
  check 'TypeScript: generated without a warning' generate_quietly typescript-fetch
  [[ -d typescript-fetch ]] || return 0
  check 'TypeScript: types generated' typescript
  [[ $passed == yes ]] || return 0
  check 'TypeScript: compiled strictly' compile_typescript
  check 'TypeScript: openapi-fetch used against a server' one_by_one node typescript/out/typed-story.js
  check 'TypeScript: typescript-fetch used against a server' one_by_one node typescript/out/client-story.js
}

end_halves() {
  local pid
  ignore_signals
  for pid in $(descendants $$); do kill -TERM "$pid" 2>/dev/null || true; done
}

# Within scripts/with-server.sh, which calls this script again: play FOLDER YAML [JSON].
play() {
  folder=$1 yaml=$2
  trap end_halves EXIT
  trap_signals
  cd "$folder"
  mkdir logs
  generator=$("$python" -c 'import pathlib, openapi_generator_cli as found; print(pathlib.Path(found.__file__).parent / "openapi-generator.jar")')
  find_jars
  if [[ -n ${3:-} ]]; then cp "$3" document.json; else curl --silent --fail --output document.json "$AUTOPASPOORT_URL/v1/openapi.json"; fi
  "$python" "$tools/document.py" tomorrow document.json >tomorrow.json
  "$python" "$tools/document.py" names document.json >names.json
  first_half &
  first=$!
  second_half
  wait "$first"
  [[ ! -e failed ]]
}

clean() {
  ignore_signals
  end_guarded
  if [[ -n $folder && -z $keep ]]; then rm -rf "$folder"; fi
}

if [[ ${1:-} == --play ]]; then
  shift
  play "$@"
  exit
fi
if [[ ${1:-} == --keep && $# -ge 2 ]]; then
  keep=$(realpath "$2")
  shift 2
fi
case $# in
0) ;;
2) yaml=$(realpath "$1") json=$(realpath "$2") ;;
*)
  usage
  [[ ${1:-} == -h || ${1:-} == --help ]]
  exit
  ;;
esac

need_apt java default-jre-headless
java_version=$(java -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p')
[[ $java_version -ge 11 ]] || die "Java 11 or newer is needed, and this is ${java_version:-unknown}: install default-jre-headless."
need_apt curl curl
need_npm "$tools"
need_venv "$tools"

trap clean EXIT
trap_signals
if [[ -n $keep ]]; then
  mkdir "$keep" || die "--keep takes a folder that does not exist yet."
  folder=$keep
else
  make_folder autopaspoort-clients
fi
passed=yes
run_guarded "$root/scripts/with-server.sh" "${BASH_SOURCE[0]}" --play "$folder" "$yaml" ${json:+"$json"} || passed=no
if [[ $passed == no ]]; then
  if [[ -s $folder/failed ]]; then sed 's/^FAILED  /  /' "$folder/failed" >&2; fi
  die "generated clients do not work: what failed is named above, with what it said further up."
fi
