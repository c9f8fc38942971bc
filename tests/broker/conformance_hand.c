/* Deriving, its bounds, revocation, and how capabilities come to other clients. */
#include "conformance.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* Deriving --------------------------------------------------------------------------------------------------------------- */

static void try_derive(const char *what, const char *parent, struct endow_terms terms)
{
	endow_handle handle;
	int rc = endow_derive(broker, must_find(broker, parent), &terms, &handle);

	say(what, rc);
	if (rc == 0)
		endow_drop(broker, handle);
}

void deriving(void)
{
	const endow_handle tree = must_find(broker, "tree");
	endow_handle less = must_derive(broker, tree, (struct endow_terms){.name = "less", .rights = ENDOW_READ});

	try_read("less: reads", broker, less, "inner");
	try_open("less: writes", broker, less, "inner", O_WRONLY);
	try_derive("less: more again", "less", (struct endow_terms){.name = "x", .rights = ENDOW_READ | ENDOW_WRITE});
	try_derive("more rights", "reader", (struct endow_terms){.name = "x", .rights = ENDOW_READ | ENDOW_WRITE});
	try_derive("more times", "twice", (struct endow_terms){.name = "x", .rights = ENDOW_READ, .times = 3});
	try_derive("a later end", "brief", (struct endow_terms){.name = "x", .rights = ENDOW_READ, .until_ms = 3600000});
	try_derive("no name", "reader", (struct endow_terms){.rights = ENDOW_READ});
	try_derive("a bad name", "reader", (struct endow_terms){.name = "a/b", .rights = ENDOW_READ});
	try_derive("an unknown flag", "reader", (struct endow_terms){.name = "x", .rights = ENDOW_READ, .flags = 2});
	try_derive("a part that is above", "tree", (struct endow_terms){.name = "x", .rights = ENDOW_READ, .path = "../file"});
	try_derive("a part through a link out", "tree",
		   (struct endow_terms){.name = "x", .rights = ENDOW_READ, .path = "up/file"});
	try_derive("a part that is absent", "tree", (struct endow_terms){.name = "x", .rights = ENDOW_READ, .path = "absent"});
	try_derive("a part of a file", "file", (struct endow_terms){.name = "x", .rights = ENDOW_READ, .path = "x"});
	endow_handle folder =
	    must_derive(broker, tree, (struct endow_terms){.name = "folder", .rights = ENDOW_READ, .path = "folder"});
	try_read("a folder: beneath it", broker, folder, "deep");
	try_open("a folder: beside it", broker, folder, "../inner", O_RDONLY);
	endow_handle one =
	    must_derive(broker, tree, (struct endow_terms){.name = "one", .rights = ENDOW_READ, .path = "inner"});
	try_read("one file", broker, one, NULL);
	try_open("one file: a part", broker, one, "inner", O_RDONLY);
	print_list(broker);
	endow_drop(broker, folder);
	endow_drop(broker, one);
	endow_drop(broker, less);
	try_open("dropped", broker, less, "inner", O_RDONLY);
	say("dropped twice", endow_drop(broker, less));
}

void bounds(void)
{
	const endow_handle reader = must_find(broker, "reader"), twice = must_find(broker, "twice");
	endow_handle child = must_derive(broker, twice, (struct endow_terms){.name = "child", .rights = ENDOW_READ});

	try_open("twice: a use that fails does not count", broker, twice, "absent", O_RDONLY);
	try_open("twice: once", broker, twice, "inner", O_RDONLY);
	try_open("twice: once by its child", broker, child, "inner", O_RDONLY);
	try_open("twice: once more", broker, twice, "inner", O_RDONLY);
	try_open("twice: once more by its child", broker, child, "inner", O_RDONLY);
	endow_handle soon =
	    must_derive(broker, reader, (struct endow_terms){.name = "soon", .rights = ENDOW_READ, .until_ms = 300});
	endow_handle later = must_derive(broker, soon, (struct endow_terms){.name = "later", .rights = ENDOW_READ});
	try_open("before its end", broker, later, "inner", O_RDONLY);
	usleep(400000);
	try_open("after its end", broker, soon, "inner", O_RDONLY);
	try_open("after its parent's end", broker, later, "inner", O_RDONLY);
	endow_handle handle;
	int rc = 0;
	for (int i = 0; i < 200 && (rc = endow_find(broker, "brief", &handle)) == 0; i++)
		usleep(50000);
	say("find what the policy has ended", rc);
}

void revocation(void)
{
	const endow_handle file = must_find(broker, "file");
	endow_handle a = must_derive(broker, file, (struct endow_terms){.name = "a", .rights = ENDOW_READ | ENDOW_PASS});
	endow_handle b = must_derive(broker, a, (struct endow_terms){.name = "b", .rights = ENDOW_READ | ENDOW_PASS});
	endow_handle c = must_derive(broker, b, (struct endow_terms){.name = "c", .rights = ENDOW_READ});

	say("drop in the middle", endow_drop(broker, b));
	try_read("below it", broker, c, NULL);
	struct endow *other = must_attach(endow_client(broker, &a, 1));
	endow_handle theirs = must_find(other, "a");
	try_read("another client's copy", other, theirs, NULL);
	try_open("with the other's handle", broker, theirs, NULL, O_RDONLY);
	say("revoke", endow_revoke(broker, a));
	try_open("itself", broker, a, NULL, O_RDONLY);
	try_open("below what was dropped", broker, c, NULL, O_RDONLY);
	try_open("another client's copy, then", other, theirs, NULL, O_RDONLY);
	try_read("its parent", broker, file, NULL);
	say("revoke again", endow_revoke(broker, a));
	endow_close(other);
	try_open("a descriptor from what can be revoked", broker, must_find(broker, "kept"), "inner", O_RDONLY);
	endow_handle line =
	    must_derive(broker, must_find(broker, "knock"), (struct endow_terms){.name = "line", .flags = ENDOW_REVOCABLE});
	int fd = endow_connect(broker, line), accepted = accept_soon(must_find(broker, "door"));
	say("a socket from what can be revoked", fd);
	say("revoke that", endow_revoke(broker, line));
	say_received("the socket", fd);
	say_received("the other end", accepted);
	close(fd);
	close(accepted);
}

/* Handing on ------------------------------------------------------------------------------------------------------------- */

void tickets(void)
{
	const endow_handle file = must_find(broker, "file");
	struct endow *other = must_attach(endow_client(broker, NULL, 0));
	endow_handle handle = 0;
	int ticket = endow_ticket(broker, file);

	print_list(other);
	say("a ticket", ticket);
	say_number("it is close-on-exec", fcntl(ticket, F_GETFD) & FD_CLOEXEC);
	say("written to", write(ticket, "x", 1) < 0 ? -errno : 0);
	say("claimed", endow_claim(other, ticket, &handle));
	try_read("what it stands for", other, handle, NULL);
	print_list(other);
	say("claimed twice", endow_claim(other, ticket, &handle));
	close(ticket);
	say("without the right", endow_ticket(broker, must_find(broker, "reader")));
	int false_one = endow_open(broker, file, NULL, O_RDONLY, 0);
	say("a false one", endow_claim(other, false_one, &handle));
	close(false_one);
	say("no descriptor", endow_claim(other, -1, &handle));
	endow_handle brief = must_derive(broker, file, (struct endow_terms){.name = "t", .rights = ENDOW_READ | ENDOW_PASS});
	ticket = endow_ticket(broker, brief);
	endow_revoke(broker, brief);
	say("a revoked one's", endow_claim(other, ticket, &handle));
	close(ticket);
	endow_close(other);
}

void clients(void)
{
	endow_handle given[2] = {must_find(broker, "file"), must_find(broker, "tree")};
	int fd = endow_client(broker, given, 2);

	say("a client", fd);
	say_number("its connection is close-on-exec", fcntl(fd, F_GETFD) & FD_CLOEXEC);
	struct endow *other = must_attach(fd);
	print_list(other);
	try_read("what it was given", other, must_find(other, "file"), NULL);
	endow_handle reader = must_find(broker, "reader");
	say("without the right", endow_client(broker, &reader, 1));
	given[1] = 0x123456789abcull;
	say("with what is not held", endow_client(broker, given, 2));
	endow_handle one = must_find(other, "tree"), dropped = must_find(other, "file"), found;
	say_number("confined", endow_confine(other, &one, 1));
	print_list(other);
	try_read("what was kept", other, one, "inner");
	try_read("what was dropped", other, dropped, NULL);
	say("it has no name any more", endow_find(other, "file", &found));
	say("and is not handed on", endow_client(other, &dropped, 1));
	say("nor made a part of", endow_derive(other, dropped, &(struct endow_terms){.name = "again"}, &found));
	try_read("who gave it has it", broker, must_find(broker, "file"), NULL);
	say("confined to what is not held", endow_confine(other, &given[1], 1));
	say_number("confined to nothing", endow_confine(other, NULL, 0));
	say_number("then it holds", endow_list(other, NULL, 0));
	endow_close(other);
	endow_handle handle;
	say("a request", endow_request(broker, ENDOW_FILE, ENDOW_READ, "/etc/shadow", "to see", &handle) < 0 ? 0 : -1);
	say("a request for a relative path", endow_request(broker, ENDOW_FILE, ENDOW_READ, "shadow", NULL, &handle));
}

/* More than one reply's worth. */
void many(void)
{
	struct endow_capability held[64];
	struct endow *other = must_attach(endow_client(broker, &(endow_handle){must_find(broker, "file")}, 1));
	const endow_handle file = must_find(other, "file");
	int rising = 1;

	for (int i = 0; i < 49; i++)
		must_derive(other, file, (struct endow_terms){.name = "many", .rights = ENDOW_READ});
	int n = endow_list(other, held, 64);
	for (int i = 1; i < n; i++)
		rising &= held[i].handle > held[i - 1].handle && held[i].parent == file;
	say_number("many are held", n);
	say_number("in order, with their parent", rising);
	say_number("confined to one", endow_confine(other, &held[7].handle, 1));
	try_read("that one", other, held[7].handle, NULL);
	endow_close(other);
}
