#include "answer_line.h"

#include <errno.h>
#include <string.h>

static const struct {
	const char *word;
	enum answer_what what;
	int keep, may_pick;
} answers[] = {
    {"no", ANSWER_NO, 0, 0},
    {"once", ANSWER_ONCE, 0, 1},
    {"run", ANSWER_RUN, 0, 1},
    {"always", ANSWER_RUN, 1, 1},
};

/* LEN bytes behind the word: nothing, or a blank and a path. */
static int take_path(const char *rest, size_t len, int may_pick, char path[ASKING_PATH])
{
	path[0] = '\0';
	if (len == 0)
		return 0;
	if (!may_pick || len < 2 || rest[0] != ' ' || rest[1] != '/' || len - 1 >= ASKING_PATH)
		return -EBADMSG;
	memcpy(path, rest + 1, len - 1);
	path[len - 1] = '\0';
	return 0;
}

int answer_line(const char *bytes, size_t len, int keeping, struct said *said)
{
	*said = (struct said){.what = ANSWER_NO};
	/* Without its end a line may be the first part of another one. */
	if (len == 0 || bytes[len - 1] != '\n' || memchr(bytes, '\n', len - 1) || memchr(bytes, '\0', len))
		return -EBADMSG;
	len--;
	for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
		const size_t n = strlen(answers[i].word);
		if (len < n || memcmp(bytes, answers[i].word, n) != 0)
			continue;
		if ((answers[i].keep && !keeping) || take_path(bytes + n, len - n, answers[i].may_pick, said->path) < 0) {
			said->path[0] = '\0';
			return -EBADMSG;
		}
		said->what = answers[i].what;
		said->keep = answers[i].keep;
		return 0;
	}
	return -EBADMSG;
}
