#include "hearing.h"

#define FIRST_QUEUED 32 /* signals from here on are queued, each as often as it was sent */

void hearing_of(struct hearing *h, int sig, enum hearer who, uint64_t now)
{
	if (sig < 1 || sig > HEARING_SIGNALS)
		return;
	const int i = sig - 1;
	if (!h->due[i])
		h->due[i] = now + HEARING_MS;
	h->count[i][who]++;
}

void hearing_answered(struct hearing *h, int sig, uint64_t now)
{
	if (sig >= 1 && sig <= HEARING_SIGNALS && h->due[sig - 1] && h->asked >> (sig - 1) & 1)
		h->due[sig - 1] = now;
}

int hearing_wait(const struct hearing *h, uint64_t now)
{
	uint64_t first = UINT64_MAX;

	for (int i = 0; i < HEARING_SIGNALS; i++)
		if (h->due[i] && h->due[i] < first)
			first = h->due[i];
	return first == UINT64_MAX ? -1 : first <= now ? 0 : (int)(first - now);
}

/* How often the one that heard more of it has heard what the other has not; for everybody, how often it came. */
static uint32_t times(int sig, uint32_t outer, uint32_t inner)
{
	if (sig < FIRST_QUEUED)
		return 1;
	if (outer && inner)
		return outer > inner ? outer : inner;
	return outer + inner;
}

int hearing_next(struct hearing *h, uint64_t now, struct heard *heard)
{
	for (int i = 0; i < HEARING_SIGNALS; i++) {
		if (!h->due[i] || h->due[i] > now)
			continue;
		const uint32_t outer = h->count[i][HEARD_BY_OUTER], inner = h->count[i][HEARD_BY_INNER];
		*heard = (struct heard){.sig = i + 1};
		if (!outer && !(h->asked >> i & 1)) {
			heard->ask = 1;
			h->asked |= 1ull << i;
			h->due[i] = UINT64_MAX;
			return 1;
		}
		heard->everybody = outer && inner;
		heard->times = times(i + 1, outer, inner);
		h->due[i] = 0;
		h->count[i][HEARD_BY_OUTER] = h->count[i][HEARD_BY_INNER] = 0;
		h->asked &= ~(1ull << i);
		return 1;
	}
	return 0;
}
