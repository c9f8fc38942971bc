# shellcheck shell=bash
needs /usr/bin/node || return 0
mkdir -p "$F/tree/node_modules/own"
echo 'module.exports = n => n * 2' >"$F/tree/node_modules/own/index.js"
cat >"$F/tree/main.js" <<'JS'
const fs = require('fs'), crypto = require('crypto'), zlib = require('zlib'), own = require('own'), { Worker } = require('worker_threads');
const text = fs.readFileSync(process.argv[2], 'utf8');
console.log(own(21), crypto.createHash('sha256').update(text).digest('hex').slice(0, 8), zlib.gunzipSync(zlib.gzipSync(text)).length);
fs.promises.writeFile(process.argv[3], text.toUpperCase()).then(() => new Worker('console.log("worker")', { eval: true }));
JS
works "runs a script with modules and a worker" --read tree : node tree/main.js r:in.txt w:out.txt
works "computes" : node -e 'console.log([3, 1, 2].sort().join(), new Intl.NumberFormat("de").format(1234.5))'
works "fetches" --connect "tcp:$PORT" : node -e "require('http').get('http://127.0.0.1:$PORT/', r => r.pipe(process.stdout))"
works "uses timers" : node -e 'setTimeout(() => console.log("late"), 5); setImmediate(() => console.log("soon"))'
bad "read a secret beside the input" secret --read tree : node -e 'console.log(require("fs").readFileSync("secret.txt", "utf8"))'
bad "write outside" outside : node -e 'require("fs").writeFileSync("outside/new", "x")'
bad "connect" connect : node -e "require('net').connect($OTHER_PORT, '127.0.0.1')"
bad "reach a Unix socket" unix : node -e "require('net').connect('$SOCKET').write('x')"
bad "run a program" exec : node -e 'console.log(require("child_process").execSync("echo RAN-$((1+1))").toString())'
bad "signal another process" signal : node -e 'process.kill(VICTIM, 9)'
bad "see an inherited descriptor" secret : node -e 'console.log(require("fs").readFileSync(9, "utf8"))'
bad "read a secret in the environment" secret : node -e 'console.log(process.env)'
