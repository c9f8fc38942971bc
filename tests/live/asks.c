/* A program that asks the broker for what it does not hold: asks RIGHTS KIND PATH [REASON [USES]]. With libendow. */
#include <endow.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static uint32_t rights_of(const char *words)
{
	return (strchr(words, 'r') ? ENDOW_READ : 0) | (strchr(words, 'w') ? ENDOW_WRITE : 0) |
	       (strchr(words, 'c') ? ENDOW_CREATE : 0);
}

static int refused(struct endow *e, int code)
{
	char words[512];

	endow_message(e, words, sizeof words);
	printf("refused: %s: %s\n", endow_strerror(code), words);
	return 1;
}

static int use(struct endow *e, endow_handle handle, int tree, int writing)
{
	char text[256];
	const int fd = tree ? endow_open(e, handle, "new", O_WRONLY | O_CREAT, 0644)
			    : endow_open(e, handle, NULL, writing ? O_WRONLY : O_RDONLY, 0);

	if (fd < 0)
		return refused(e, fd);
	const ssize_t n = writing ? write(fd, "written\n", 8) : read(fd, text, sizeof text);
	printf("%.*s", writing ? 8 : (int)n, writing ? "written\n" : text);
	close(fd);
	return n < 0;
}

int main(int argc, char **argv)
{
	struct endow *e;
	endow_handle handle;

	if (argc < 4 || endow_connect_broker(&e) < 0)
		return 2;
	const int tree = strcmp(argv[2], "tree") == 0, uses = argc > 5 ? atoi(argv[5]) : 1;
	const uint32_t rights = rights_of(argv[1]);
	int rc = endow_request(e, tree ? ENDOW_TREE : ENDOW_FILE, rights, argv[3], argc > 4 ? argv[4] : NULL, &handle);
	if (rc < 0)
		return refused(e, rc);
	for (int i = rc = 0; i < uses; i++)
		rc |= use(e, handle, tree, (rights & ENDOW_WRITE) != 0);
	endow_close(e);
	return rc;
}
