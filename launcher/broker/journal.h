/* journal.h: the same lines for systemd's journal, in its native protocol: one datagram each, never waited for. */
#ifndef ENDOW_JOURNAL_H
#define ENDOW_JOURNAL_H

#include "err.h"
#include "log.h"

/* The socket (CLOEXEC, non-blocking; the caller's), or a negative errno with ERR where there is no journal. */
int journal_open(struct err *err);

/* As log_write(): what can't be sent is counted, and told of with the next line. */
void journal_write(struct log *log, const struct log_line *line);

#endif
