/* report.h: what the doctor found, and the two ways in which it is told. */
#ifndef ENDOW_REPORT_H
#define ENDOW_REPORT_H

#include "needs.h"
#include "probes.h"

enum known { KNOWN_NOT, KNOWN_OFF, KNOWN_ON };

struct report {
	int other;         /* --abi: about another kernel, of which nothing was tried */
	int abi;           /* Landlock's, as the kernel says; 0: none */
	char release[128]; /* of the kernel; "" with --abi */
	struct probe_result results[PROBE_COUNT];
	uint32_t gives;     /* bits 1 << enum probe_id */
	enum known tiocsti; /* the kernel lets a program type into its terminal */
	char lsms[512];     /* as the kernel lists them; "" where that can't be read */
	struct needs needs;
};

/* What POLICY needs and this kernel does not give, as bits. */
uint32_t report_missing(const struct report *report, const struct need *policy);

/* On standard output. */
void report_text(const struct report *report, int color);
void report_json(const struct report *report);

#endif
