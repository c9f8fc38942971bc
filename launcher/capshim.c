/*
 * Debian builds libcap-ng.a for glibc with fortified formats. Against musl, which otherwise offers what it uses under the same
 * names and layouts, these entry points are missing: they do what the plain functions do. Not used in a glibc build.
 */
#include <features.h>
#ifndef __GLIBC__

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>

int __printf_chk(int flag, const char *fmt, ...);
int __sprintf_chk(char *to, int flag, size_t room, const char *fmt, ...);
int __snprintf_chk(char *to, size_t n, int flag, size_t room, const char *fmt, ...);
int __asprintf_chk(char **to, int flag, const char *fmt, ...);
void __syslog_chk(int priority, int flag, const char *fmt, ...);
int __fsetlocking(FILE *file, int type);

#pragma GCC diagnostic ignored "-Wformat-nonliteral"

int __printf_chk(int flag, const char *fmt, ...)
{
	va_list ap;
	(void)flag;
	va_start(ap, fmt);
	int n = vprintf(fmt, ap);
	va_end(ap);
	return n;
}

int __snprintf_chk(char *to, size_t n, int flag, size_t room, const char *fmt, ...)
{
	va_list ap;
	(void)flag;
	if (n > room)
		abort();
	va_start(ap, fmt);
	int len = vsnprintf(to, n, fmt, ap);
	va_end(ap);
	return len;
}

int __sprintf_chk(char *to, int flag, size_t room, const char *fmt, ...)
{
	va_list ap;
	(void)flag;
	va_start(ap, fmt);
	int len = vsnprintf(to, room, fmt, ap);
	va_end(ap);
	if (len >= 0 && (size_t)len >= room)
		abort();
	return len;
}

int __asprintf_chk(char **to, int flag, const char *fmt, ...)
{
	va_list ap;
	(void)flag;
	va_start(ap, fmt);
	int n = vasprintf(to, fmt, ap);
	va_end(ap);
	return n;
}

/* libcap-ng logs only what it refuses to do with files' capabilities, which is never asked of it here. */
void __syslog_chk(int priority, int flag, const char *fmt, ...)
{
	(void)priority;
	(void)flag;
	(void)fmt;
}

int __fsetlocking(FILE *file, int type)
{
	(void)file;
	(void)type;
	return 0; /* one thread: there is nothing to lock */
}

#else
typedef int capshim_is_not_needed_with_glibc;
#endif
