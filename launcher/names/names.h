/*
 * names.h: the hosts that the policy names, and the addresses that the resolver has told of them. Looking up is asked for and
 * answered later; only who opens /etc/hosts or asks the responder waits for it, and not for long.
 */
#ifndef ENDOW_NAMES_H
#define ENDOW_NAMES_H

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "notify/call.h"
#include "peers.h"

#define NAMES_PATIENCE_MS 5000u
#define NAMES_KEPT 32u /* addresses of one host */

struct image;

/* RESOLVER (borrowed) is the pair's end; IMAGE is borrowed for as long as the program runs. */
void names_begin(const struct image *image, int resolver);
void names_end(void);

/* How many hosts; the name of one; the one of that name, or PEERS_HOST_NONE. */
size_t names_count(void);
const char *names_name(uint32_t host);
uint32_t names_find(const char *name);

/* Was ADDRESS ever told as one of HOST's in this run? */
int names_told(uint32_t host, const struct peer_address *address);

/* Is what is known of HOST new enough to be told, be it nothing? If not, look it up (0). */
int names_ready(uint32_t host);

/* Is nothing known of HOST, because nobody could be asked or has answered yet? */
int names_failed(uint32_t host);

/* The addresses of HOST at the last look, the resolver's order. Returns how many. */
size_t names_addresses(uint32_t host, const struct peer_address **list);

/* Wait for HOST, at most NAMES_PATIENCE_MS: only before the program starts. */
void names_wait(uint32_t host);

/*
 * The caller opens PATH, as it wrote it, to read. If it is one of the files that say how names are looked up: a memfd with what
 * there is to be known of the granted names (owned by the caller of this function), or CALL_LATER. Else -ENOENT.
 */
int names_open(const struct call *c, const char *path);

/* The resolver's end and those who wait for it: *FD is to be polled for reading (-1: none), *WAIT as in net_watch(). */
void names_watch(int *fd, int *wait);
void names_serve(void);

/* files.c: a sealed memfd (CLOEXEC) with the text of one of these files, or a negative errno. */
enum names_file { FILE_HOSTS, FILE_RESOLV, FILE_NSSWITCH, FILE_NONE };
enum names_file names_file(const char *path);
int names_memfd(enum names_file file);

#endif
