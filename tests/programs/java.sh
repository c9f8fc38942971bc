# shellcheck shell=bash
needs /usr/bin/java || return 0
cat >"$F/Main.java" <<'JAVA'
import java.nio.file.*; import java.util.stream.*; import java.net.*;
class Main { public static void main(String[] a) throws Exception {
	switch (a[0]) {
	case "work":
		System.out.println(Files.lines(Path.of(a[1])).map(String::toUpperCase).collect(Collectors.joining(",")));
		Thread t = new Thread(() -> System.out.println("thread")); t.start(); t.join();
		Files.writeString(Path.of(a[2]), "made\n"); break;
	case "read": System.out.println(Files.readString(Path.of(a[1]))); break;
	case "write": Files.writeString(Path.of(a[1]), "made\n"); break;
	case "connect": new Socket("127.0.0.1", Integer.parseInt(a[1])).getOutputStream().write(1); break;
	case "run": System.out.write(new ProcessBuilder(a[1]).start().getInputStream().readAllBytes()); System.out.flush(); break;
	case "kill": ProcessHandle.of(Long.parseLong(a[1])).get().destroyForcibly(); break;
	case "env": System.out.println(System.getenv());
	}
} }
JAVA
if ! java --source 17 -version >/dev/null 2>&1 || ! java -m jdk.compiler/com.sun.tools.javac.Main -d "$F/tree" "$F/Main.java" 2>/dev/null; then
	needs /usr/bin/javac || return 0
fi
works "runs classes" --read tree : java -cp tree Main work r:in.txt w:out.txt
bad "read a secret" secret --read tree : java -cp tree Main read secret.txt
bad "write outside" outside --read tree : java -cp tree Main write outside/new
bad "connect" connect --read tree : java -cp tree Main connect "$OTHER_PORT"
bad "run a program" exec --read tree --exec run : java -cp tree Main run ./run
bad "read a secret in the environment" secret --read tree : java -cp tree Main env
bad "signal another process" signal --read tree --read /proc : java -cp tree Main kill VICTIM
bad "see an inherited descriptor" secret --read tree : java -cp tree Main read /dev/fd/9
