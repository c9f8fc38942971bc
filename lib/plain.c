#include "plain.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../policy/utf8.h"
#include "image.h"

char *plain_text(char *to, size_t size, const char *from, size_t len)
{
	static const char dots[] = "...";
	size_t at = 0, fits = 0; /* FITS: where it would end if the dots had to follow */
	uint32_t code;

	for (size_t i = 0; i < len;) {
		const size_t n = utf8_read(from + i, len - i, &code);
		const int shown = n > 0 && code != '\t' && utf8_visible(code);
		const size_t takes = shown ? n : 1;
		if (at + takes + 1 > size) {
			memcpy(to + fits, dots, sizeof dots);
			return to;
		}
		memcpy(to + at, shown ? from + i : code == '\t' || code == '\n' ? " " : "?", takes);
		at += takes;
		if (at + sizeof dots <= size)
			fits = at;
		i += n ? n : 1;
	}
	to[at] = '\0';
	return to;
}

/* Bare, each of these stands for itself, wherever it is in a word that starts with a slash. */
static int is_bare(const char *path)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/_-.,:+@%";

	return *path == '/' && path[strspn(path, plain)] == '\0';
}

int plain_word(char *to, size_t size, const char *from)
{
	size_t at = 0;

	if (is_bare(from)) {
		const int n = snprintf(to, size, "%s", from);
		if (n >= 0 && (size_t)n < size)
			return 0;
		to[0] = '\0';
		return -ENAMETOOLONG;
	}
	if (size > 0)
		to[at++] = '"';
	for (; *from && at + 6 < size; from++) {
		const unsigned char c = (unsigned char)*from;
		if (c == '"' || c == '\\' || c == '$')
			at += (size_t)snprintf(to + at, size - at, "\\%c", c);
		else if (c < 0x20 || c >= 0x7f)
			at += (size_t)snprintf(to + at, size - at, "\\x%02x", c);
		else
			to[at++] = (char)c;
	}
	if (*from || at + 2 > size) {
		if (size > 0)
			to[0] = '\0';
		return -ENAMETOOLONG;
	}
	memcpy(to + at, "\"", 2);
	return 0;
}

char *plain_rights(char *to, size_t size, uint32_t rights, const char *between)
{
	size_t at = 0;

	to[0] = '\0';
	for (uint32_t i = 0; image_right_name[i]; i++) {
		if (!(rights >> i & 1))
			continue;
		const int n = snprintf(to + at, size - at, "%s%s", at ? between : "", image_right_name[i]);
		if (n < 0 || (size_t)n >= size - at)
			break;
		at += (size_t)n;
	}
	return to;
}

int plain_path(char *to, size_t size, const char *path)
{
	size_t at = 0;

	if (*path != '/')
		return -EINVAL;
	for (;;) {
		path += strspn(path, "/");
		const size_t n = strcspn(path, "/");
		if (n == 0)
			break;
		if ((n == 1 && *path == '.') || (n == 2 && path[0] == '.' && path[1] == '.') || at + 1 + n + 1 > size)
			return -EINVAL;
		to[at++] = '/';
		memcpy(to + at, path, n);
		at += n;
		path += n;
	}
	if (at == 0)
		to[at++] = '/';
	to[at] = '\0';
	return 0;
}

int plain_covers(const char *folder, const char *path)
{
	const size_t n = strlen(folder);

	if (n == 1)
		return 1;
	return strncmp(folder, path, n) == 0 && (path[n] == '\0' || path[n] == '/');
}
