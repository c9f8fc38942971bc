/* stages.h: the tables of families.h as a seccomp program, by libseccomp: right, and three times as long as it need be. */
#ifndef ENDOW_STAGES_H
#define ENDOW_STAGES_H

#include <linux/audit.h>
#include <stdint.h>

#include "err.h"
#include "image.h"

#if defined(__x86_64__)
#define STAGES_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define STAGES_ARCH AUDIT_ARCH_AARCH64
#else
#error "the filter is written for x86_64 and aarch64"
#endif

/* As filter_make(), which see; *COUNT may be more than a kernel takes. */
int stages_make(uint32_t families, struct image_insn **prog, uint32_t *count, struct err *err);

/* Whether libseccomp or this build can name the call; what neither can is answered with ENOSYS. */
int stages_known(int nr);

#endif
