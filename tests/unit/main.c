/* The unit tests: `unit` runs all of them, `unit NAME...` some. A suite that was not linked in is a failure, not a blank. */
#include <check.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SUITES(each)                                                                                                          \
	each(lex) each(parse) each(check) each(emit) each(image) each(hash) each(filter) each(shrink) each(tries) each(prove) \
	    each(landlock) each(options) each(find) each(walk) each(guard) each(resolve) each(cache) each(frames) each(wire) each(client) each(promise) each(table) each(hearing) each(log) each(ask) \
	    each(review) each(learn) each(names)

#define DECLARE(name) __attribute__((weak)) Suite *name##_suite(void);
SUITES(DECLARE)

static const struct {
	const char *name;
	Suite *(*make)(void);
} suites[] = {
#define ROW(name) {#name, name##_suite},
    SUITES(ROW)};
#define COUNT (sizeof suites / sizeof *suites)

static int is_wanted(const char *name, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], name) == 0)
			return 1;
	return argc < 2;
}

static int check_names(int argc, char **argv)
{
	int unknown = 0;

	for (int k = 1; k < argc; k++) {
		size_t i = 0;
		while (i < COUNT && strcmp(suites[i].name, argv[k]) != 0)
			i++;
		if (i == COUNT) {
			fprintf(stderr, "unit: there is no suite '%s'\n", argv[k]);
			unknown = 1;
		}
	}
	return unknown;
}

/* Each test has a folder of its own in the run's. Those of tests that failed are taken away here. */

static char run_folder[] = "/tmp/endow-unit-XXXXXX";

static int make_run_folder(void)
{
	if (!mkdtemp(run_folder) || setenv("ENDOW_UNIT_RUN", run_folder, 1) < 0) {
		perror("unit: a folder in /tmp");
		return -1;
	}
	return 0;
}

/* A folder that a test has closed is opened before what is in it is removed. */
static int open_folder(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)at;
	return type == FTW_DNR || type == FTW_D ? chmod(path, 0700) : 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static void remove_run_folder(void)
{
	nftw(run_folder, open_folder, 16, FTW_PHYS);
	if (nftw(run_folder, remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0)
		fprintf(stderr, "unit: %s could not be removed\n", run_folder);
}

int main(int argc, char **argv)
{
	SRunner *runner = NULL;
	int missing = 0;

	if (check_names(argc, argv))
		return 2;
	for (size_t i = 0; i < COUNT; i++) {
		if (!is_wanted(suites[i].name, argc, argv))
			continue;
		if (!suites[i].make) {
			fprintf(stderr, "unit: the suite '%s' was not linked in\n", suites[i].name);
			missing = 1;
		} else if (!runner) {
			runner = srunner_create(suites[i].make());
		} else {
			srunner_add_suite(runner, suites[i].make());
		}
	}
	if (!runner)
		return 2;
	if (make_run_folder() < 0)
		return 2;
	srunner_run_all(runner, CK_ENV);
	remove_run_folder();
	const int failed = srunner_ntests_failed(runner), run = srunner_ntests_run(runner);
	srunner_free(runner);
	return failed || missing || run == 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
