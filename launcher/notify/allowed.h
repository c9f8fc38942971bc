/* allowed.h: what the sandbox's own Landlock rules let the program do. For questions and reports, not for decisions. */
#ifndef ENDOW_ALLOWED_H
#define ENDOW_ALLOWED_H

#include <stdint.h>

/* enum right, on what FD (O_PATH) is. Who may write may append as well. */
uint32_t allowed_rights(int fd);

#endif
