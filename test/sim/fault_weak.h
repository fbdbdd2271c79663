/**
 * @file fault_weak.h  What the unit tests' copies of session.c and conference.c
 * begin with: functions that are wrapped where they are called in their own
 * file, too
 *
 * The name is __wrap_name, weak, so that fault_wrap.c has the word and nothing
 * is inlined; as the linker's --wrap has it, __real_name is the name itself.
 */
#ifndef TEST_SIM_FAULT_WEAK_H
#define TEST_SIM_FAULT_WEAK_H

#include "ue/services/conference_core.h"
#include "ue/services/session_core.h"

#define FAULT_WEAK(type, name, types)					\
type name types __asm__("__wrap_" #name) __attribute__((weak));	\
type fault_real_##name types __asm__(#name)				\
	__attribute__((alias("__wrap_" #name)))

#ifdef WEAK_conference
FAULT_WEAK(struct ue_conf *, conf_new,
	   (struct confs *cs, enum ue_conf_state state, const char *uri,
	    const struct ue_conf_params *prm));
#else
FAULT_WEAK(struct session *, session_alloc, (struct sessions *ss));
#endif

#endif
