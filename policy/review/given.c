#include "given.h"

#include <string.h>

const char *const given_service_env[] = {
    "NOTIFY_SOCKET",
    "WATCHDOG_PID",
    "WATCHDOG_USEC",
    "CREDENTIALS_DIRECTORY",
    "JOURNAL_STREAM",
    "INVOCATION_ID",
    "LISTEN_PID",
    "LISTEN_FDS",
    "LISTEN_FDNAMES",
    "MAINPID",
    "STATE_DIRECTORY",
    "CACHE_DIRECTORY",
    "LOGS_DIRECTORY",
    "CONFIGURATION_DIRECTORY",
    "RUNTIME_DIRECTORY",
    "SYSTEMD_EXEC_PID",
    "MEMORY_PRESSURE_WATCH",
    "MEMORY_PRESSURE_WRITE",
    "REMOTE_ADDR",
    "REMOTE_PORT",
    NULL,
};

const struct entry *given_bit(const struct model *model, enum kind kind, uint64_t bit)
{
	for (uint32_t i = 0; i < model->count; i++)
		if (model->entries[i].kind == kind && model->entries[i].number == bit)
			return &model->entries[i];
	return NULL;
}

const struct entry *given_port(const struct model *model, enum kind kind, uint16_t port)
{
	for (uint32_t i = 0; i < model->count; i++) {
		const struct entry *e = &model->entries[i];
		if (e->kind == kind && e->last > 0 && (port ? e->first <= port && port <= e->last : e->number != 0))
			return e;
	}
	return NULL;
}

static int applies(const struct entry *e, const char *name)
{
	if (e->kind == KIND_SCRATCH)
		return strcmp(e->name, name) == 0;
	if (e->kind != KIND_ENV)
		return 0;
	return e->flags == ENV_KEEP_PREFIX ? strncmp(e->name, name, strlen(e->name)) == 0 : strcmp(e->name, name) == 0;
}

static int is_service_env(const char *name)
{
	for (size_t i = 0; given_service_env[i]; i++)
		if (strcmp(given_service_env[i], name) == 0)
			return 1;
	return 0;
}

/* The policy's own descriptors from 3 on are announced where one of them has a name. */
static const struct entry *announced(const struct model *model, const char *name)
{
	if (strcmp(name, "LISTEN_FDS") != 0 && strcmp(name, "LISTEN_FDNAMES") != 0 && strcmp(name, "LISTEN_PID") != 0)
		return NULL;
	for (uint32_t i = 0; i < model->count; i++)
		if (model->entries[i].kind == KIND_DESCRIPTOR && *model->entries[i].name)
			return &model->entries[i];
	return NULL;
}

const char *given_env(const struct model *model, const char *name, struct given_env *given)
{
	*given = (struct given_env){0};
	/* In order, a later one wins: what is set replaces what was kept before it, what is kept only what is not there. */
	for (uint32_t i = 0; i < model->count; i++) {
		const struct entry *e = &model->entries[i];
		if (!applies(e, name))
			continue;
		if (e->kind == KIND_SCRATCH || e->flags == ENV_SET)
			*given = (struct given_env){.set = e};
		else
			given->kept = e;
	}
	if (announced(model, name)) {
		*given = (struct given_env){.set = announced(model, name)};
		return "it names the descriptors";
	}
	const struct entry *service = given_bit(model, KIND_SERVICE, 0);
	if (service && is_service_env(name)) {
		given->kept = service;
		return "kept, where systemd has set it";
	}
	return NULL;
}
