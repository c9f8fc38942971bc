#include "caps.h"

#include <cap-ng.h>
#include <linux/securebits.h>
#include <sys/prctl.h>

#include "kernel.h"

static int get(struct k_cap_data data[2])
{
	struct k_cap_header header = {.version = K_CAP_VERSION_3};

	return syscall(SYS_capget, &header, data) < 0 ? -errno : 0;
}

int caps_any(void)
{
	struct k_cap_data data[2];
	int rc = get(data);

	if (rc < 0)
		return rc;
	return (data[0].permitted | data[1].permitted | data[0].effective | data[1].effective | data[0].inheritable |
		data[1].inheritable) != 0;
}

int caps_can_keep(uint64_t keep, struct err *err)
{
	struct k_cap_data data[2];
	int rc = get(data);

	if (rc < 0)
		return err_set(err, -rc, "can't read the capabilities: %s", err_words(rc));
	const uint64_t held = data[0].permitted | (uint64_t)data[1].permitted << 32;
	for (unsigned int cap = 0; cap < 64; cap++)
		if (keep >> cap & 1 && !(held >> cap & 1)) {
			const char *name = capng_capability_to_name(cap);
			return err_set(err, EPERM, "keep cap %s: the launcher itself does not hold it", name ? name : "?");
		}
	return 0;
}

/*
 * The bounding set and the securebits take CAP_SETPCAP. Who lacks it can't shrink them, and needs not: with no_new_privs an
 * exec gives no more than is permitted already, and that is emptied here.
 */
static int may_bound(int *may)
{
	struct k_cap_data data[2];
	int rc = get(data);

	*may = rc == 0 && data[0].effective >> CAP_SETPCAP & 1;
	return rc;
}

/*
 * Asked of the kernel, capability by capability, until it knows no more. libcap-ng would read /proc/PID/status five times for
 * the same, which costs a launch more than all the rest of what root needs.
 */
static int drop_bounding(uint64_t keep)
{
	for (unsigned long cap = 0; cap < 64; cap++) {
		if (keep >> cap & 1)
			continue;
		int rc = prctl(PR_CAPBSET_READ, cap, 0, 0, 0);
		if (rc < 0)
			return errno == EINVAL && cap > 0 ? 0 : -errno;
		if (rc > 0 && (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0 || prctl(PR_CAPBSET_READ, cap, 0, 0, 0) != 0))
			return -EPERM;
	}
	return 0;
}

/*
 * Uid 0 means nothing at exec from here on, and that can't be taken back. libcap-ng does nothing and calls it well done before
 * its first use (select_kept() is one) and where it believes that the kernel lacks it: so the kernel is asked.
 */
static int lock_securebits(void)
{
	const int wanted = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP | SECBIT_NO_SETUID_FIXUP_LOCKED;

	if (capng_lock() < 0)
		return -EPERM;
	const int has = prctl(PR_GET_SECUREBITS, 0, 0, 0, 0);
	return has >= 0 && (has & wanted) == wanted ? 0 : -EPERM;
}

static int select_kept(uint64_t keep)
{
	capng_clear(CAPNG_SELECT_ALL);
	for (unsigned int cap = 0; cap <= CAP_LAST_CAP; cap++)
		if (keep >> cap & 1 &&
		    capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED | CAPNG_INHERITABLE | CAPNG_AMBIENT, cap) < 0)
			return -EINVAL;
	return 0;
}

int caps_drop(uint64_t keep, int switch_ids, uid_t uid, gid_t gid, struct err *err)
{
	int any = caps_any(), bound = 0, rc = 0;

	if (any < 0)
		return err_set(err, -any, "can't read the capabilities: %s", err_words(any));
	if (any || switch_ids) {
		if ((rc = may_bound(&bound)) < 0)
			return err_set(err, -rc, "can't read the capabilities: %s", err_words(rc));
		if (select_kept(keep) < 0)
			return err_set(err, EINVAL, "can't select the capabilities to keep");
		if (bound && lock_securebits() < 0)
			return err_set(err, EPERM, "can't lock the securebits");
		if (bound && (rc = drop_bounding(keep)) < 0)
			return err_set(err, -rc, "can't drop capabilities from the bounding set: %s", err_words(rc));
		if (switch_ids && (rc = capng_change_id((int)uid, (int)gid, CAPNG_NO_FLAG)) < 0)
			return err_set(err, EPERM, "can't change to uid %u, gid %u (libcap-ng: %d)", uid, gid, rc);
		if ((rc = capng_apply(CAPNG_SELECT_CAPS)) < 0 || (rc = capng_apply(CAPNG_SELECT_AMBIENT)) < 0)
			return err_set(err, EPERM, "can't give the capabilities up (libcap-ng: %d)", rc);
		if (keep == 0 && caps_any() != 0)
			return err_set(err, EPERM, "capabilities are left after all were given up");
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_set(err, errno, "can't set no_new_privs: %s", err_words(errno));
	return 0;
}
