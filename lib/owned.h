/* owned.h: descriptors and memory that are given back when their name goes out of scope. */
#ifndef ENDOW_OWNED_H
#define ENDOW_OWNED_H

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static inline void owned_close(const int *fd)
{
	if (*fd >= 0) {
		int saved = errno;
		close(*fd);
		errno = saved;
	}
}

static inline void owned_free(void *p)
{
	free(*(void **)p);
}

/* int OWNED_FD fd = -1;  -- closed at the end of the scope unless taken */
#define OWNED_FD __attribute__((cleanup(owned_close)))
/* char *OWNED text = NULL;  -- freed at the end of the scope unless taken */
#define OWNED __attribute__((cleanup(owned_free)))

/* Hand the descriptor on: the caller of take_fd() owns it from here. */
static inline int take_fd(int *fd)
{
	int taken = *fd;
	*fd = -1;
	return taken;
}

#define take_ptr(p)                        \
	__extension__({                    \
		__typeof__(p) taken_ = (p); \
		(p) = NULL;                \
		taken_;                    \
	})

#endif
