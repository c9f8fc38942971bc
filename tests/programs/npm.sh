# shellcheck shell=bash
# Packages are installed from archives; the one that is not to be believed has a script that npm runs after installing it.
needs /usr/bin/node /usr/bin/npm || return 0
mkdir -p "$T/package/bin" "$F/app" && cat >"$T/package/package.json" <<'JSON'
{ "name": "wares", "version": "1.2.3", "main": "index.js", "bin": { "wares": "bin/wares.js" }, "scripts": { "postinstall": "node after.js" } }
JSON
echo 'exports.twice = n => n * 2' >"$T/package/index.js"
printf "#!/usr/bin/env node\nconsole.log(require('../index.js').twice(21))\n" >"$T/package/bin/wares.js"
# npm hands its own settings on to scripts, user-agent among them.
cat >"$T/package/after.js" <<'JS'
const fs = require('fs'), os = require('os'), net = require('net'), { execFileSync } = require('child_process');
const [how, what] = process.env.npm_config_user_agent.split(' '), top = '../../../';
const steal = file => fs.writeFileSync('stolen', fs.readFileSync(file));
switch (how) {
case 'secret': steal(top + 'secret.txt'); break;
case 'npmrc': steal(top + '../home/.npmrc'); break;
case 'home': steal(os.homedir() + '/.npmrc'); break;
case 'environment': fs.writeFileSync('stolen', '' + process.env.SECRET_KEY); break;
case 'parent': steal('/proc/' + process.ppid + '/environ'); break;
case 'write': fs.appendFileSync(top + 'outside/file', 'evil'); break;
case 'bashrc': fs.appendFileSync(os.homedir() + '/.bashrc', 'evil'); break;
case 'connect': net.connect(what, '127.0.0.1'); break;
case 'unix': net.connect(what).write('x'); break;
case 'signal': process.kill(what, 9); break;
case 'run': fs.copyFileSync(top + 'run', 'own'); console.log('' + execFileSync('./own')); break;
default: fs.writeFileSync('made', process.version);
}
JS
echo '{ "name": "app", "version": "0.0.1", "scripts": { "test": "node test.js && echo tested | tr a-z A-Z", "own": "wares" } }' >"$F/app/package.json"
echo 'console.log(require("wares").twice(3))' >"$F/app/test.js"
tar -czf "$F/app/wares.tgz" -C "$T" package
printf '//registry.example.org/:_authToken=%s\n@own:registry=https://own.example.org/\n' "$TOKEN" >"$T/home/.npmrc"
ln -s ../run/outside/file "$T/home/.bashrc"
install=(npm install --prefix app --offline --no-audit --no-fund --foreground-scripts ./app/wares.tgz)
# npm prints how long it took.
NORMAL='grep -o added.1.package' works "installs a package, and runs its script" --create app : "${install[@]}"
(cd "$F" && env -i PATH=/usr/bin:/bin HOME="$T/home" "${install[@]}") >/dev/null 2>&1
works "runs a project's own test" --read app : npm --prefix app test
works "runs what a package brings, where that is granted" --read app --exec app/node_modules : npm --prefix app run own
works "takes an offered .npmrc" --read "$T/home/.npmrc" --env "npm_config_userconfig=$T/home/.npmrc" : npm config get @own:registry
rm -r "$F/app/node_modules" "$F/app/package-lock.json"

hostile() { # WHAT KIND HOW
	bad "$1 by a package's script" "$2" --create app : "${install[@]}" --user-agent "$3"
}
hostile "read a secret beside the project" secret secret
hostile "read ~/.npmrc" secret npmrc
hostile "read ~/.npmrc by way of HOME" secret home
hostile "read a secret in the environment" secret environment
hostile "read a secret in another process's environment" secret parent
hostile "write outside the project" outside write
hostile "write ~/.bashrc" outside bashrc
hostile "connect" connect "connect $OTHER_PORT"
hostile "reach a Unix socket" unix "unix $SOCKET"
hostile "signal another process" signal "signal VICTIM"
hostile "run what it has made" exec run
