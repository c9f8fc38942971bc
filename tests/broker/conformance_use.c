/* What can be done with a capability: files, trees, sockets. */
#include "conformance.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* Opening ---------------------------------------------------------------------------------------------------------------- */

void opening_file(void)
{
	const endow_handle file = must_find(broker, "file");
	int fd = endow_open(broker, file, NULL, O_RDONLY, 0);

	say("a file", fd);
	say_number("it is close-on-exec", fcntl(fd, F_GETFD) & FD_CLOEXEC);
	say_number("its flags", fcntl(fd, F_GETFL) & (O_ACCMODE | O_APPEND | O_NONBLOCK));
	close(fd);
	try_read("its text", broker, file, NULL);
	try_open("for writing", broker, file, NULL, O_WRONLY);
	try_open("for both", broker, file, NULL, O_RDWR);
	try_open("for appending", broker, file, NULL, O_WRONLY | O_APPEND);
	try_open("a part of a file", broker, file, "x", O_RDONLY);
	try_open("as a folder", broker, file, NULL, O_RDONLY | O_DIRECTORY);
	try_open("with O_PATH", broker, file, NULL, O_PATH);
	fd = endow_open(broker, file, NULL, O_RDONLY | O_NONBLOCK, 0);
	say_number("non-blocking", (fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
	close(fd);
}

void opening_tree(void)
{
	const endow_handle tree = must_find(broker, "tree");

	try_read("beneath a tree", broker, tree, "inner");
	try_read("beneath a folder of it", broker, tree, "folder/deep");
	try_open("the tree as a folder", broker, tree, NULL, O_RDONLY | O_DIRECTORY);
	try_open("a folder of it", broker, tree, "folder", O_RDONLY | O_DIRECTORY);
	try_open("a folder as a file", broker, tree, "folder", O_RDONLY);
	try_open("what is absent", broker, tree, "absent", O_RDONLY);
	try_open("..", broker, tree, "..", O_RDONLY | O_DIRECTORY);
	try_open("../file", broker, tree, "../file", O_RDONLY);
	try_open("folder/../inner", broker, tree, "folder/../inner", O_RDONLY);
	try_open("an absolute path", broker, tree, "/etc/passwd", O_RDONLY);
	try_read("a link within", broker, tree, "link");
	try_open("a link out", broker, tree, "out", O_RDONLY);
	try_open("through a link out", broker, tree, "up/file", O_RDONLY);
	try_open("an absolute link", broker, tree, "absolute", O_RDONLY);
	try_open("a link, not followed", broker, tree, "link", O_RDONLY | O_NOFOLLOW);
	try_open("a link, for writing", broker, tree, "link", O_WRONLY);
	try_open("a socket", broker, tree, "socket", O_RDONLY);
	try_open("a FIFO without a writer", broker, tree, "fifo", O_RDONLY);
	try_open("a name of 300 bytes", broker, tree,
		 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
		 O_RDONLY);
}

void writing(void)
{
	const endow_handle tree = must_find(broker, "tree"), reader = must_find(broker, "reader");
	struct stat st;
	int fd = endow_open(broker, tree, "new", O_RDWR | O_CREAT | O_EXCL, 0666);

	say("a new file", fd);
	say_number("what is written to it", write(fd, "new\n", 4));
	say_number("its mode under the launcher's umask", fstat(fd, &st) < 0 ? -1 : (long)(st.st_mode & 07777));
	close(fd);
	try_open("it again, exclusively", broker, tree, "new", O_RDWR | O_CREAT | O_EXCL);
	try_open("it again", broker, tree, "new", O_WRONLY | O_CREAT);
	try_read("its text", broker, tree, "new");
	try_open("emptied", broker, tree, "new", O_WRONLY | O_TRUNC);
	try_read("its text then", broker, tree, "new");
	try_open("a new file where no folder is", broker, tree, "absent/new", O_WRONLY | O_CREAT);
	try_open("a new one through a link out", broker, tree, "up/new", O_WRONLY | O_CREAT);
	try_open("a new one at the end of a dangling link", broker, tree, "dangling", O_WRONLY | O_CREAT);
	try_open("a new one without the right", broker, reader, "more", O_RDONLY | O_CREAT);
	try_open("writing without the right", broker, reader, "inner", O_WRONLY);
}

void changing(void)
{
	const endow_handle tree = must_find(broker, "tree"), reader = must_find(broker, "reader");

	say("mkdir", endow_mkdir(broker, tree, "made", 0777));
	say("mkdir again", endow_mkdir(broker, tree, "made", 0777));
	say("mkdir above", endow_mkdir(broker, tree, "../made", 0777));
	say("mkdir through a link out", endow_mkdir(broker, tree, "up/made", 0777));
	say("mkdir without the right", endow_mkdir(broker, reader, "other", 0777));
	say("rename", endow_rename(broker, tree, "new", "made/newer"));
	say("rename what is gone", endow_rename(broker, tree, "new", "made/newer"));
	say("rename out", endow_rename(broker, tree, "made/newer", "../newer"));
	say("rename through a link out", endow_rename(broker, tree, "made/newer", "up/newer"));
	say("rename without the right", endow_rename(broker, reader, "inner", "outer"));
	say("rmdir of what is not empty", endow_rmdir(broker, tree, "made"));
	say("unlink of a folder", endow_unlink(broker, tree, "made") < 0 ? 0 : -1);
	say("unlink", endow_unlink(broker, tree, "made/newer"));
	say("unlink of what is gone", endow_unlink(broker, tree, "made/newer"));
	say("unlink above", endow_unlink(broker, tree, "../file"));
	say("unlink without the right", endow_unlink(broker, reader, "inner"));
	say("rmdir", endow_rmdir(broker, tree, "made"));
	say("rmdir without the right", endow_rmdir(broker, reader, "folder"));
	say("a change with a file", endow_mkdir(broker, must_find(broker, "file"), "x", 0777));
}

void appending(void)
{
	const endow_handle log = must_find(broker, "log");
	int fd = endow_open(broker, log, NULL, O_WRONLY | O_APPEND, 0);

	say("to append", fd);
	say_number("what is appended", write(fd, "line\n", 5));
	say("truncated", ftruncate(fd, 0) < 0 ? -errno : 0);
	say("overwritten", fcntl(fd, F_SETFL, 0) < 0 ? -errno : 0);
	close(fd);
	try_open("for writing", broker, log, NULL, O_WRONLY);
	try_open("for reading", broker, log, NULL, O_RDONLY);
	try_open("appending and emptying", broker, log, NULL, O_WRONLY | O_APPEND | O_TRUNC);
}

/* Sockets ---------------------------------------------------------------------------------------------------------------- */

void sockets(void)
{
	const endow_handle door = must_find(broker, "door"), knock = must_find(broker, "knock");
	int accepted, fd;

	fd = endow_accept(broker, door);
	say("nobody waits", fd);
	fd = endow_connect(broker, knock);
	say("connected", fd);
	accepted = accept_soon(door);
	say("accepted", accepted);
	say_number("both close-on-exec", (fcntl(fd, F_GETFD) & FD_CLOEXEC) + (fcntl(accepted, F_GETFD) & FD_CLOEXEC));
	say_number("both blocking", ((fcntl(fd, F_GETFL) | fcntl(accepted, F_GETFL)) & O_NONBLOCK) == 0);
	say_number("sent", write(fd, "knock", 5));
	say_received("received", accepted);
	close(fd);
	say_received("after the other's end", accepted);
	close(accepted);
	say("connect where nobody listens", endow_connect(broker, must_find(broker, "nobody")));
	fd = endow_connect(broker, must_find(broker, "service"));
	say("a socket with a name", fd);
	say_received("what it says", fd);
	close(fd);
	say("connect with a file", endow_connect(broker, must_find(broker, "file")));
	try_open("open of an address", broker, knock, NULL, O_RDONLY);
}
