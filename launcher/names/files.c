/* What the program reads of how names are looked up: only what it was granted is in it. */
#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include <fcntl.h>

#include "names.h"
#include "owned.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008u
#endif

/* An answer to every name that is not in hosts comes from the responder: from no other address is one believed. A C library
 * that can't be told of another port gives up at once with a timeout of 0; to the others that is their least. */
static const char resolv[] = "nameserver 127.0.0.1\noptions timeout:0 attempts:1\n";

static const char nsswitch[] = "passwd: files\n"
			       "group: files\n"
			       "shadow: files\n"
			       "gshadow: files\n"
			       "hosts: files dns\n"
			       "networks: files\n"
			       "protocols: files\n"
			       "services: files\n"
			       "ethers: files\n"
			       "rpc: files\n"
			       "netgroup: files\n";

enum names_file names_file(const char *path)
{
	static const char *const paths[] = {
	    [FILE_HOSTS] = "/etc/hosts",
	    [FILE_RESOLV] = "/etc/resolv.conf",
	    [FILE_NSSWITCH] = "/etc/nsswitch.conf",
	};
	char plain[PEERS_PATH];

	if (!peers_lexical(path, plain) || strncmp(plain, "/etc/", 5) != 0)
		return FILE_NONE;
	for (int i = 0; i < FILE_NONE; i++)
		if (strcmp(plain, paths[i]) == 0)
			return (enum names_file)i;
	return FILE_NONE;
}

static int put_host(int fd, uint32_t host)
{
	const struct peer_address *list;
	const size_t count = names_addresses(host, &list);
	char number[INET6_ADDRSTRLEN];

	for (size_t i = 0; i < count; i++) {
		const int four = peer_is_four(&list[i]);
		inet_ntop(four ? AF_INET : AF_INET6, list[i].bytes + (four ? 12 : 0), number, sizeof number);
		if (dprintf(fd, "%s\t%s\n", number, names_name(host)) < 0)
			return -EIO;
	}
	return 0;
}

static int put_hosts(int fd)
{
	int rc = dprintf(fd, "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost\n") < 0 ? -EIO : 0;

	for (uint32_t i = 0; i < names_count() && rc == 0; i++)
		if (strcmp(names_name(i), "localhost") != 0)
			rc = put_host(fd, i);
	return rc;
}

/* Sealed, a descriptor of it is good for reading and nothing else, however it is opened anew. */
int names_memfd(enum names_file file)
{
	OWNED_FD int fd = memfd_create("names", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);

	if (fd < 0 && errno == EINVAL) /* before Linux 6.3 */
		fd = memfd_create("names", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return -errno;
	int rc = file == FILE_HOSTS      ? put_hosts(fd)
		 : file == FILE_RESOLV   ? dprintf(fd, "%s", resolv)
		 : file == FILE_NSSWITCH ? dprintf(fd, "%s", nsswitch)
					 : -EINVAL;
	if (rc < 0)
		return rc;
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) < 0 || lseek(fd, 0, SEEK_SET) < 0)
		return -errno;
	return take_fd(&fd);
}
