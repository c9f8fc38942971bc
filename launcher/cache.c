#include "cache.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "builtin.h"
#include "compiler.h"
#include "owned.h"

#define IMAGE_PATH (FIND_PATH + HASH_HEX + 8)

/*
 * The name under which the image of a policy file with these statements is kept: so that one that was edited replaces its old image. What
 * makes an image valid is not its name but its key.
 */
static void image_name(const char *dir, const struct policy_text *text, const char *line, size_t line_len, char to[IMAGE_PATH])
{
	struct hash h;
	uint8_t digest[HASH_SIZE];
	char hex[HASH_HEX], here[FIND_PATH];

	if (*text->path == '/' || !getcwd(here, sizeof here))
		here[0] = '\0';
	hash_init(&h);
	hash_add_counted(&h, here, strlen(here));
	hash_add_counted(&h, text->path, strlen(text->path));
	hash_add_counted(&h, line, line_len);
	hash_end(&h, digest);
	hash_hex(digest, hex);
	const size_t len = strlen(dir); /* below FIND_PATH: IMAGE_PATH has room for the rest */
	memcpy(to, dir, len);
	to[len] = '/';
	memcpy(to + len + 1, hex, 32);
	strcpy(to + len + 33, ".img");
}

/* Do the texts that went in still stand where they would be found now? */
static int is_current(const struct places *places, const struct policy_text *text, const char *line, size_t line_len,
		      const struct image *im)
{
	struct hash h;
	uint8_t key[HASH_SIZE];

	image_key_begin(&h, line, line_len, text->bytes, text->len);
	for (uint32_t i = 2; i < im->h->sources.count; i++) {
		const char *name = image_string(im, im->sources[i].name);
		struct policy_text fragment;
		if (find_fragment(places, name, &fragment, NULL) < 0)
			return 0;
		image_key_fragment(&h, name, fragment.bytes, fragment.len);
		policy_text_free(&fragment);
	}
	hash_end(&h, key);
	return memcmp(key, im->h->key, sizeof key) == 0;
}

static int read_image(const char *path, void **bytes, size_t *size)
{
	size_t done = 0;
	OWNED_FD int fd = find_open_trusted(path, IMAGE_MAX, size, NULL);

	if (fd < 0)
		return fd;
	OWNED char *buffer = malloc(*size + 1); /* malloc's alignment is enough for the header */
	if (!buffer)
		return -ENOMEM;
	while (done < *size) {
		ssize_t n = read(fd, buffer + done, *size - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -EIO;
		done += (size_t)n;
	}
	*bytes = take_ptr(buffer);
	return 0;
}

/* Whatever is wrong with a kept image, the answer is the same: it is not used, and the policy is compiled anew. */
static int load(const struct places *places, const char *dir, const struct policy_text *text, const char *line, size_t line_len,
		struct compiled *c)
{
	char path[IMAGE_PATH];
	OWNED void *bytes = NULL;
	size_t size = 0;

	if (!*dir)
		return -ENOENT;
	image_name(dir, text, line, line_len, path);
	int rc = read_image(path, &bytes, &size);
	if (rc < 0)
		return rc;
	rc = image_check(bytes, size, &c->image, NULL);
	if (rc < 0)
		return rc;
	if (!is_current(places, text, line, line_len, &c->image))
		return -ESTALE;
	c->bytes = take_ptr(bytes);
	return 0;
}

/* Make DIR and what leads to it, for the user alone where it is new. */
static int make_folders(const char *dir)
{
	char path[FIND_PATH];

	if ((size_t)snprintf(path, sizeof path, "%s", dir) >= sizeof path)
		return -ENAMETOOLONG;
	for (char *p = path + 1; *p; p++)
		if (*p == '/') {
			*p = '\0';
			if (mkdir(path, 0700) < 0 && errno != EEXIST)
				return -errno;
			*p = '/';
		}
	return mkdir(path, 0700) < 0 && errno != EEXIST ? -errno : 0;
}

/* Beside its name first, then renamed: a reader sees the whole image or none. */
static int keep(const char *dir, const struct policy_text *text, const char *line, size_t line_len, const void *bytes, size_t size,
		mode_t mode, char path[IMAGE_PATH])
{
	char fresh[IMAGE_PATH + 24];

	if (!*dir)
		return -ENOENT;
	int rc = make_folders(dir);
	if (rc < 0)
		return rc;
	image_name(dir, text, line, line_len, path);
	snprintf(fresh, sizeof fresh, "%s.%d", path, (int)getpid());
	OWNED_FD int fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
	if (fd < 0)
		return -errno;
	if (write(fd, bytes, size) != (ssize_t)size || fchmod(fd, mode) < 0 || rename(fresh, path) < 0) {
		rc = errno ? -errno : -EIO;
		unlink(fresh);
		return rc;
	}
	return 0;
}

static int use_builtin(struct compiled *c, struct err *err)
{
	c->name = "default";
	return image_check(builtin_image, builtin_image_size, &c->image, err);
}

/* The embedded policy's text, for when statements from the command line are to be compiled with it. */
static struct policy_text builtin_source(void)
{
	static char name[] = "default";

	return (struct policy_text){.path = name, .bytes = (char *)(uintptr_t)builtin_text, .len = strlen(builtin_text)};
}

static int compile_fresh(const struct places *places, const struct policy_text *text, const char *line, size_t line_len,
			 struct compiled *c, size_t *size, struct err *err)
{
	struct compiled builtin = {0};
	int rc = use_builtin(&builtin, err);

	if (rc < 0)
		return rc;
	rc = compiler_run(places, &builtin, text, line, line_len, &c->bytes, size, err);
	if (rc < 0)
		return rc;
	rc = image_check(c->bytes, *size, &c->image, err);
	if (rc < 0)
		return err_in(err, rc, "the policy compiler's answer can't be used");
	/* The compiler, too, has to have worked on these texts and no others. */
	if (!is_current(places, text, line, line_len, &c->image))
		return err_set(err, ESTALE, "%s, or a fragment of it, changed while it was compiled (try again), or %s/endow-compile is of another build", text->path,
			       places->libexec);
	return 0;
}

int compiled_get(const struct places *places, const struct policy_text *main_text, const char *line, size_t line_len,
		 struct compiled *c, struct err *err)
{
	char path[IMAGE_PATH];
	size_t size = 0;

	memset(c, 0, sizeof *c);
	if (!main_text && line_len == 0)
		return use_builtin(c, err);
	const struct policy_text text = main_text ? *main_text : builtin_source();
	if (load(places, places->cache, &text, line, line_len, c) < 0 &&
	    load(places, places->system_cache, &text, line, line_len, c) < 0) {
		int rc = compile_fresh(places, &text, line, line_len, c, &size, err);
		if (rc < 0) {
			compiled_free(c);
			return rc;
		}
		/* A convenience: without it the next launch compiles again. */
		(void)keep(places->cache, &text, line, line_len, c->bytes, size, 0600, path);
	}
	c->name = main_text ? main_text->path : "default";
	c->is_file = main_text != NULL;
	return 0;
}

int compiled_ahead(const struct places *places, const struct policy_text *main_text, char kept[FIND_PATH], struct err *err)
{
	const int system = geteuid() == 0;
	const char *dir = system ? places->system_cache : places->cache;
	struct compiled c = {0};
	char path[IMAGE_PATH];
	size_t size = 0;

	int rc = compile_fresh(places, main_text, "", 0, &c, &size, err);
	if (rc == 0) {
		rc = keep(dir, main_text, "", 0, c.bytes, size, system ? 0644 : 0600, path);
		if (rc < 0)
			err_set(err, -rc, "can't keep the compiled policy in %s: %s", *dir ? dir : "~/.cache/endow (HOME is not set)",
				err_words(rc));
		else if ((size_t)snprintf(kept, FIND_PATH, "%s", path) >= FIND_PATH)
			kept[0] = '\0';
	}
	if (rc == 0 && system && chmod(dir, 0755) < 0)
		rc = err_set(err, errno, "can't open %s to readers: %s", dir, err_words(errno));
	compiled_free(&c);
	return rc;
}

void compiled_free(struct compiled *c)
{
	free(c->bytes);
	memset(c, 0, sizeof *c);
}
