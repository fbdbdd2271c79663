/**
 * @file test_faults.c  The n-th call of each kind fails, for every n until
 * there is no such call any more, once and for ever: each command has its
 * outcome, and nothing is left
 *
 * `unit -a faults`: every n; else the first ones, and then fewer and fewer.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "test/sim/conf_life.h"
#include "test/sim/story.h"
#include "test/sim/world.h"
#include "test/unit/crypto_fault.h"
#include "test/unit/test.h"

/** More calls, and octets, than a life has */
#define CALLS_MAX 100000

#define ERRS 6

/** A life with a fault.  @return NULL, or what is wrong */
typedef const char *(faulty_h)(bool *struck, uint64_t seed,
			       const struct sim_fault *fault);

enum kind_of_life { STORY = 1, CONFERENCES = 2, REGISTRATION = 4, ALL = 7 };

static const struct kind {
	const char *name;
	enum sim_fault_kind kind;
	int errv[ERRS];         /* of each a round; 0 = none, but one round */
	bool many;              /* one seed is enough */
	unsigned lives;         /* that must have such calls */
} kindv[] = {
	{"flow_open()", SIM_FAULT_OPEN, {0}, false, STORY | REGISTRATION},
	{"flow_send()", SIM_FAULT_SEND,
	 {EAGAIN, EMSGSIZE, ENOTCONN, ECONNRESET, ENETUNREACH, EPERM}, false,
	 ALL},
	{"flow_sendv()", SIM_FAULT_SENDV, {0}, false, STORY},
	{"octets to us lost", SIM_FAULT_LOST, {0}, false, ALL},
	{"octets to us cut", SIM_FAULT_CUT, {0}, false, ALL},
	{"octets to us changed", SIM_FAULT_BAD, {0}, false, ALL},
	{"octet where a connection breaks", SIM_FAULT_OCTET, {0}, true, STORY},
	{"random()", SIM_FAULT_RANDOM, {0}, false, ALL},
	{"usim_authenticate()", SIM_FAULT_USIM, {EIO, ENOENT, EBUSY}, false,
	 STORY | REGISTRATION},
	{"card error", SIM_FAULT_USIM_FAILED, {0}, false,
	 STORY | REGISTRATION},
	{"MAC failure", SIM_FAULT_USIM_MAC, {0}, false, STORY | REGISTRATION},
	{"SQN failure", SIM_FAULT_USIM_SYNC, {0}, false, STORY | REGISTRATION},
	{"ipsec_install()", SIM_FAULT_INSTALL, {0}, false, STORY},
	{"nv_write()", SIM_FAULT_NV_WRITE, {0}, false, STORY | REGISTRATION},
	{"store full", SIM_FAULT_STORE, {0}, false, ALL},
	{"table full", SIM_FAULT_TABLE, {0}, false, ALL},
	{"cryptography", SIM_FAULT_CRYPTO, {0}, false, STORY | REGISTRATION},
};

#define KINDS (sizeof(kindv) / sizeof(kindv[0]))

static unsigned points;


static bool crypto_fails(void)
{
	return !world.sim.net_runs &&
		sim_fails(&world.u.fault, SIM_FAULT_CRYPTO);
}


/* @return NULL, or what is wrong in one of them */
static const char *until_none(faulty_h *run, const struct kind *k, int err,
			      bool stays, uint64_t seed)
{
	const char *why = NULL;
	bool struck = true;
	unsigned n;

	for (n = 1; struck && n < CALLS_MAX; n += 1 + (test_all ? 0 : n / 2)) {

		struct sim_fault fault = {.stays = stays, .err = err};
		const char *one;

		fault.n[k->kind] = n;
		struck = false;
		one = run(&struck, seed, &fault);
		if (one) {
			printf("  %s, error %d, call %u%s, seed %u: %s\n",
			       k->name, err, n, stays ? " and all after it"
			       : "", (unsigned)seed, one);
			why = one;
		}
		points += struck;
	}

	return struck ? "more calls than a life has" : why;
}


static const char *all_errors(faulty_h *run, const struct kind *k,
			      uint64_t seed)
{
	const char *why = NULL;
	unsigned i;

	for (i = 0; i < ERRS && (!i || k->errv[i]); i++) {

		const char *one = until_none(run, k, k->errv[i], false, seed);

		why = one ? one : why;
		one = until_none(run, k, k->errv[i], true, seed);
		why = one ? one : why;
	}

	return why;
}


static void each(faulty_h *run, enum kind_of_life life, unsigned seeds)
{
	const char *why = NULL;
	const struct kind *k;
	unsigned sum = 0, idle = 0;
	uint64_t seed;

	crypto_fault_h = crypto_fails;
	for (k = kindv; k < kindv + KINDS; k++) {

		points = 0;
		for (seed = 1; seed <= (test_all && !k->many ? seeds : 1);
		     seed++) {

			const char *one = all_errors(run, k, seed);

			why = one ? one : why;
		}
		if (test_all)
			printf("  %6u fault points: %s\n", points, k->name);
		if (!points && k->lives & life) {
			printf("  %s: struck nowhere\n", k->name);
			++idle;
		}
		sum += points;
	}
	crypto_fault_h = NULL;

	printf("  %u fault points\n", sum);
	CHECK_STR(why, NULL);
	CHECK(sum > 100);
	CHECK_EQ(idle, 0);
}


/* ------------------------------------------------------------------ */


static void test_story(void)
{
	each(story_fault_run, STORY, 2);
}


static void test_conferences(void)
{
	each(conf_fault_run, CONFERENCES, 8);
}


/* A registration, seeds 1 to 3: over UDP, TCP and both */
static const char *reg_fault_run(bool *struck, uint64_t seed,
				 const struct sim_fault *fault)
{
	static const enum ue_transport_choice choicev[] = {
		UE_TRANSPORT_TCP_ONLY, UE_TRANSPORT_AUTO, UE_TRANSPORT_UDP_ONLY
	};
	struct sim_ue *u = &world.u;
	bool gone = false;

	world_begin(seed);
	world.set.transport = choicev[(seed - 1) % 3];
	world.net.logging = false;
	world.net.rechallenge = true;
	world.net.keep_s = 50;
	if (world_ue())
		return "ue_init() failed";

	u->fault = *fault;
	if (!sim_ue_register(u))
		gone = !sim_wait2(u, UE_EVENT_REGISTERED,
				  UE_EVENT_REGISTER_FAILED, 3600);
	(void)sim_run_s(&world.sim, 20);
	if (ue_reg_info(&u->ue)->registered && !sim_ue_reregister(u))
		gone = !sim_wait2(u, UE_EVENT_REREGISTERED,
				  UE_EVENT_DEREGISTERED, 3600);
	(void)sim_run_s(&world.sim, 3600);
	*struck = u->fault.struck;
	if (gone && !fault->stays)
		return "a command has no outcome";
	memset(&u->fault, 0, sizeof(u->fault));

	return world_end();
}


static void test_registration(void)
{
	each(reg_fault_run, REGISTRATION, 3);
}


const struct test_case suite_faults[] = {
	{"the whole story, each call in turn: once, and it ends well; for "
	 "ever, and it is told; and the next story succeeds", test_story},
	{"a life with conferences, each call in turn", test_conferences},
	{"a registration over TCP, each call in turn", test_registration},
	{NULL, NULL}
};
