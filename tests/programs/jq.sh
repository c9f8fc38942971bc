# shellcheck shell=bash
needs /usr/bin/jq || return 0
echo '{"name":"pear","price":3.5,"tags":["a","b"],"nested":{"x":null}}' >"$F/in.json"
echo "keys" >"$F/filter.jq"
works "prints" : jq . r:in.json
works "computes" : jq -r '.name + " " + (.price * 2 | tostring), (.tags | join(","))' r:in.json
works "reads its filter from a file" : jq -c -f r:filter.jq r:in.json
works "reads several" : jq -s length r:in.json in.json
INPUT=$F/in.json works "reads its input" : jq -S .
bad "read a secret beside the input" secret : jq -R . r:in.json secret.txt
bad "read a secret as an argument" secret : jq --rawfile s secret.txt '$s' r:in.json
bad "read a secret in the environment" secret : jq -n 'env.SECRET_KEY'
bad "see an inherited descriptor" secret : jq -R . /dev/fd/9
