/**
 * @file test_faults_sim.c  The n-th call of the platform fails, for every n
 * of a life: it is survived or reported, and nothing is left
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "test/sim/world.h"
#include "test/unit/test.h"

#define CALLS_MAX 64

static struct sim_ue *const ue = &world.u;


/* A life in which *fault counts down.  Each command ends, as far as the UE
   takes it.  @return NULL, or what is wrong */
static const char *live(unsigned *fault, unsigned n)
{
	*fault = n;

	if (!sim_ue_register(ue) &&
	    !sim_wait2(ue, UE_EVENT_REGISTERED, UE_EVENT_REGISTER_FAILED,
		       3600))
		return "no outcome of the registration";

	(void)sim_run_s(&world.sim, 20);
	if (ue_reg_info(&ue->ue)->registered && !sim_ue_reregister(ue) &&
	    !sim_wait2(ue, UE_EVENT_REREGISTERED, UE_EVENT_DEREGISTERED,
		       3600))
		return "no outcome of the re-registration";

	(void)sim_run_s(&world.sim, 3600);

	return world_end();
}


/* Until the fault does not come any more.  Each life must have had it */
static void each(unsigned *fault, enum ue_transport_choice transport,
		 int err)
{
	unsigned n;

	for (n = 1; n < CALLS_MAX; n++) {

		const char *why;

		world_begin(n);
		world.set.transport = transport;
		world.net.rechallenge = true;
		world.net.keep_s = 50;
		CHECK_EQ(world_ue(), 0);
		ue->fault.send_err = err;

		why = live(fault, n);
		if (why)
			printf("  call %u\n", n);
		CHECK_STR(why, NULL);
		if (*fault)
			break;
	}

	/* there were such calls at all */
	CHECK(n > 1);
}


static void test_send(void)
{
	static const int errv[] = {
		EAGAIN, EMSGSIZE, ENOTCONN, ECONNRESET, ENETUNREACH, EPERM
	};
	unsigned i;

	for (i = 0; i < sizeof(errv) / sizeof(errv[0]); i++) {
		each(&ue->fault.send, UE_TRANSPORT_UDP_ONLY, errv[i]);
		each(&ue->fault.send, UE_TRANSPORT_TCP_ONLY, errv[i]);
	}
}


static void test_open(void)
{
	each(&ue->fault.open, UE_TRANSPORT_UDP_ONLY, 0);
	each(&ue->fault.open, UE_TRANSPORT_TCP_ONLY, 0);
	each(&ue->fault.open, UE_TRANSPORT_AUTO, 0);
}


static void test_random(void)
{
	each(&ue->fault.random, UE_TRANSPORT_AUTO, 0);
}


static void test_usim(void)
{
	each(&ue->fault.usim, UE_TRANSPORT_AUTO, 0);
	each(&ue->fault.usim_result, UE_TRANSPORT_AUTO, 0);
}


static void test_nv(void)
{
	each(&ue->fault.nv_write, UE_TRANSPORT_AUTO, 0);
}


const struct test_case suite_faults_sim[] = {
	{"flow_send() fails, each call in turn, each error", test_send},
	{"flow_open() fails, each call in turn", test_open},
	{"random() fails, each call in turn", test_random},
	{"The card fails, each call in turn", test_usim},
	{"nv_write() fails, each call in turn", test_nv},
	{NULL, NULL}
};
