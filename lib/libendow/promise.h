/* promise.h: what is made from the tables of policy/ when libendow is built; see policy/promise_filter.h. */
#ifndef ENDOW_PROMISE_H
#define ENDOW_PROMISE_H

#include <linux/filter.h>
#include <stddef.h>

#define PROMISE_WORD 16
#define PROMISE_ROOM 1024 /* instructions; they are put on the stack */

extern const char promise_words[][PROMISE_WORD]; /* for bit 1u << i of enum family */
extern const size_t promise_words_count;

extern const struct sock_filter promise_filter[];
extern const size_t promise_filter_count;

#endif
