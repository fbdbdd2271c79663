/**
 * @file shim.c  LD_PRELOAD for user-mode Linux 6.1 on newer CPUs
 *
 * That kernel keeps at most 2,696 octets of a CPU's extended state and hands
 * them back with PTRACE_SETREGSET.  Where the CPU has more (AMX: 11,008) the
 * host refuses the short set and the guest panics.  Here the whole set is
 * read, what the guest gave is laid over it, and the whole is written; the
 * parts that the guest did not know stay as they are.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define XSTATE 0x202            /* NT_X86_XSTATE */
#define XSTATE_BV 512           /* which parts are in use */
#define LEGACY 0xffu            /* parts that fit the short set */

static uint8_t whole[65536] __attribute__((aligned(64)));


static long sys_ptrace(long req, long pid, void *addr, void *data)
{
	long word, ret;

	if (req != PTRACE_PEEKTEXT && req != PTRACE_PEEKDATA &&
	    req != PTRACE_PEEKUSER)
		return syscall(SYS_ptrace, req, pid, addr, data);

	ret = syscall(SYS_ptrace, req, pid, addr, &word);
	if (ret < 0)
		return -1;
	errno = 0;

	return word;
}


static long set_xstate(long pid, struct iovec *part)
{
	struct iovec all = {whole, sizeof(whole)};
	uint64_t before, given;

	if (sys_ptrace(PTRACE_GETREGSET, pid, (void *)XSTATE, &all) < 0)
		return -1;
	if (all.iov_len <= part->iov_len)
		return sys_ptrace(PTRACE_SETREGSET, pid, (void *)XSTATE,
				  part);

	memcpy(&before, whole + XSTATE_BV, sizeof(before));
	memcpy(&given, (uint8_t *)part->iov_base + XSTATE_BV, sizeof(given));
	memcpy(whole, part->iov_base, part->iov_len);
	given = (given & LEGACY) | (before & ~(uint64_t)LEGACY);
	memcpy(whole + XSTATE_BV, &given, sizeof(given));

	return sys_ptrace(PTRACE_SETREGSET, pid, (void *)XSTATE, &all);
}


long ptrace(enum __ptrace_request req, ...)
{
	void *addr, *data;
	va_list ap;
	long pid;

	va_start(ap, req);
	pid = va_arg(ap, pid_t);
	addr = va_arg(ap, void *);
	data = va_arg(ap, void *);
	va_end(ap);

	if (req == PTRACE_SETREGSET && (long)addr == XSTATE)
		return set_xstate(pid, data);

	return sys_ptrace(req, pid, addr, data);
}
