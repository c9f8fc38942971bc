/*
 * requests.h: a client's bytes become authority here and nowhere else, behind a table of {request, what it needs, handler} in
 * which what is not permitted is refused.
 */
#ifndef ENDOW_REQUESTS_H
#define ENDOW_REQUESTS_H

#include "server.h"

/* Serve M, which has passed wire_check_request() with TEXTS. FD: the descriptor that came with it, or -1; borrowed. */
void requests_serve(struct broker *b, uint32_t client, const union wire_message *m, const struct wire_texts *texts, int fd);

#endif
