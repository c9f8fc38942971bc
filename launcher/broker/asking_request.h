/* asking_request.h: a client's request for what it does not hold becomes a question, and the answer its reply. */
#ifndef ENDOW_ASKING_REQUEST_H
#define ENDOW_ASKING_REQUEST_H

#include "server.h"

/* M is a WIRE_REQUEST. 0: CLIENT waits, and is replied to when there is an answer; or a negative errno with ERR: refused. */
int asking_request(struct broker *b, uint32_t client, const union wire_message *m, const struct wire_texts *texts,
		   struct err *err);

#endif
