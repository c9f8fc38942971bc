#include "value.h"

#include <errno.h>
#include <string.h>

#define ARGS_MAX 65535 /* more words than a command line holds in practice */

int value_number(const char *p, size_t len, uint64_t max, uint64_t *out)
{
	uint64_t n = 0;

	if (len == 0 || (len > 1 && p[0] == '0'))
		return -EINVAL;
	for (size_t i = 0; i < len; i++)
		if (p[i] < '0' || p[i] > '9')
			return -EINVAL;
	for (size_t i = 0; i < len; i++) {
		const uint64_t digit = (uint64_t)(p[i] - '0');
		if (n > (max - digit) / 10 || digit > max)
			return -ERANGE;
		n = n * 10 + digit;
	}
	*out = n;
	return 0;
}

/* A number, perhaps with a unit out of UNITS, whose factors are FACTORS. */
static int with_unit(const char *p, const char *units, const uint64_t *factors, uint64_t *out)
{
	size_t len = strlen(p);
	const char *unit = len > 0 ? strchr(units, p[len - 1]) : NULL;
	const uint64_t factor = unit ? factors[unit - units] : 1;
	uint64_t n;
	int rc = value_number(p, unit ? len - 1 : len, (uint64_t)INT64_MAX / factor, &n);

	if (rc == 0)
		*out = n * factor;
	return rc;
}

int value_size(const char *p, uint64_t *out)
{
	static const uint64_t factors[] = {1ull << 10, 1ull << 20, 1ull << 30, 1ull << 40};

	return with_unit(p, "KMGT", factors, out);
}

int value_time(const char *p, uint64_t *out)
{
	static const uint64_t factors[] = {1, 60, 3600};

	return with_unit(p, "smh", factors, out);
}

int value_octal(const char *p, uint32_t *out)
{
	const size_t len = strlen(p);

	if (len == 0 || len > 4 || strspn(p, "01234567") != len)
		return -EINVAL;
	for (*out = 0; *p; p++)
		*out = *out << 3 | (uint32_t)(*p - '0');
	return *out > 0777 ? -ERANGE : 0;
}

static int one_index(const char *p, size_t len, int32_t *out)
{
	const int minus = len > 0 && *p == '-';
	uint64_t n;
	int rc = value_number(p + minus, len - (size_t)minus, ARGS_MAX, &n);

	if (rc < 0)
		return rc;
	if (n == 0)
		return -ERANGE;
	*out = minus ? -(int32_t)n : (int32_t)n;
	return 0;
}

int value_range(const char *p, int32_t *first, int32_t *last)
{
	const char *dots = strstr(p, "..");
	int rc = one_index(p, dots ? (size_t)(dots - p) : strlen(p), first);

	*last = *first;
	if (rc == 0 && dots)
		rc = one_index(dots + 2, strlen(dots + 2), last);
	if (rc == 0 && (*first < 0) == (*last < 0) && *first > *last)
		return -ERANGE;
	return rc;
}

int value_ports(const char **p, uint16_t *first, uint16_t *last)
{
	const size_t len = strcspn(*p, ",");
	const char *dash = memchr(*p, '-', len);
	const size_t head = dash ? (size_t)(dash - *p) : len;
	uint64_t a, b;
	int rc = value_number(*p, head, UINT16_MAX, &a);

	if (rc < 0)
		return rc;
	b = a;
	if (dash)
		rc = value_number(dash + 1, len - head - 1, UINT16_MAX, &b);
	if (rc < 0)
		return rc;
	*p += len;
	*first = (uint16_t)a;
	*last = (uint16_t)b;
	return a == 0 || a > b ? -ERANGE : 0;
}
