#include "script.h"

#include <elf.h>
#include <string.h>

#define HEAD 256 /* bytes in which the kernel looks for an interpreter */
#define HEADERS_MAX 64

static enum script_kind look_text(const char *head, size_t n, char to[WORLD_PATH])
{
	const char *p = head + 2, *end = head + n;

	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	const size_t len = strcspn(p, " \t\n");
	if (*p != '/' || p + len >= end)
		return SCRIPT_UNKNOWN;
	memcpy(to, p, len);
	to[len] = '\0';
	return SCRIPT_TEXT;
}

static enum script_kind look_program(const struct world *world, const char *path, const Elf64_Ehdr *elf, char to[WORLD_PATH])
{
	Elf64_Phdr p;

	if (elf->e_phentsize != sizeof p || elf->e_phnum > HEADERS_MAX || (elf->e_type != ET_EXEC && elf->e_type != ET_DYN))
		return SCRIPT_UNKNOWN;
	for (uint64_t i = 0; i < elf->e_phnum; i++) {
		if (world->head(world->arg, path, elf->e_phoff + i * sizeof p, &p, sizeof p) != sizeof p)
			return SCRIPT_UNKNOWN;
		if (p.p_type != PT_INTERP)
			continue;
		if (p.p_filesz < 2 || p.p_filesz >= WORLD_PATH ||
		    world->head(world->arg, path, p.p_offset, to, p.p_filesz) != (long)p.p_filesz || to[p.p_filesz - 1] != '\0')
			return SCRIPT_UNKNOWN;
		return SCRIPT_DYNAMIC;
	}
	return SCRIPT_STATIC;
}

enum script_kind script_look(const struct world *world, const char *path, char to[WORLD_PATH])
{
	union {
		char bytes[HEAD];
		Elf64_Ehdr elf;
	} head;
	const long n = world->head(world->arg, path, 0, head.bytes, sizeof head.bytes - 1);

	to[0] = '\0';
	if (n < 2)
		return SCRIPT_UNKNOWN;
	head.bytes[n] = '\0';
	if (head.bytes[0] == '#' && head.bytes[1] == '!')
		return look_text(head.bytes, (size_t)n, to);
	if ((size_t)n < sizeof head.elf || memcmp(head.elf.e_ident, ELFMAG, SELFMAG) != 0 ||
	    head.elf.e_ident[EI_CLASS] != ELFCLASS64)
		return SCRIPT_UNKNOWN;
	enum script_kind kind = look_program(world, path, &head.elf, to);
	if (kind != SCRIPT_DYNAMIC)
		to[0] = '\0';
	return kind;
}
