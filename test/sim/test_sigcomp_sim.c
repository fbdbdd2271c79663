/**
 * @file test_sigcomp_sim.c  A UE with SigComp, UDP, through losses and lost
 * state
 */
#include "test/sim/world.h"
#include "test/unit/test.h"

#if UE_SIGCOMP

static struct net_comp *const nc = &world.net.comp;


static void begin(uint64_t seed, unsigned loss)
{
	world_begin(seed);
	world.set.sigcomp = true;
	world.set.transport = UE_TRANSPORT_UDP_ONLY;
	world.sim.link.loss = loss;
	net_use_sigcomp(&world.net);
}


/* Re-registered, whatever happens on the way */
static bool renewed(void)
{
	return !sim_ue_reregister(&world.u) &&
		sim_wait(&world.u, UE_EVENT_REREGISTERED, 600);
}


/* TS 34.229-1 13.1 */
static void registration(void)
{
	unsigned i;

	begin(1, 0);
	CHECK(world_registered());
	CHECK_EQ(nc->plain, 0);
	CHECK(nc->received >= 3);
	CHECK(nc->sent >= 4);

	for (i = 0; i < world_regs(); i++) {
		const char *via = net_hdr(world_reg(i), "Via");
		const char *contact = net_hdr(world_reg(i), "Contact");

		CHECK_STR(net_prm(via, "comp"), "sigcomp");
		CHECK_STR(net_prm(via, "sigcomp-id"),
			  ue_reg_info(&world.u.ue)->instance);
		CHECK_STR(net_prm(contact, "comp"), "sigcomp");
	}

	CHECK(renewed());
	CHECK(world_end() == NULL);
	CHECK_EQ(nc->plain, 0);
	CHECK_EQ(nc->failed + nc->nacks, 0);
}


static void losses(void)
{
	unsigned plain = 0, received = 0;
	uint64_t seed;

	for (seed = 1; seed <= 40; seed++) {

		unsigned i;

		begin(seed, 5);
		CHECK(world_registered());
		for (i = 0; i < 5; i++)
			CHECK(renewed());
		CHECK(world_end() == NULL);
		CHECK_EQ(nc->failed + nc->nacks, 0);
		plain += nc->plain;
		received += nc->received;
	}

	/* a short answer goes plain where no state is certain */
	CHECK(plain * 5 < received);
}


/* What comes twice or late may refer to what is no more: a NACK, no harm;
   RFC 4896 s8 */
static void late(void)
{
	unsigned nacked = 0, received = 0;
	uint64_t seed;

	for (seed = 1; seed <= 40; seed++) {

		unsigned i;

		begin(seed, 5);
		world.sim.link.dup = 5;
		world.sim.link.reorder = 5;
		CHECK(world_registered());
		for (i = 0; i < 5; i++)
			CHECK(renewed());
		CHECK(world_end() == NULL);
		nacked += nc->failed + nc->nacks;
		received += nc->received;
	}

	CHECK(nacked * 100 < received);
}


static void lost_state(void)
{
	unsigned failed;

	begin(2, 0);
	CHECK(world_registered());
	net_use_sigcomp(&world.net);
	failed = nc->failed;
	CHECK(renewed());
	CHECK(nc->failed > failed);
	CHECK(nc->failed <= failed + 2);

	/* and good again */
	failed = nc->failed;
	CHECK(renewed());
	CHECK_EQ(nc->failed, failed);
	CHECK(world_end() == NULL);
	CHECK_EQ(nc->plain, 0);
}


/* TS 24.229 8.1.1: the compartment ends with the registration; RFC 5049
   s9.3 */
static void again(void)
{
	begin(3, 0);
	CHECK(world_registered());
	CHECK_EQ(sim_ue_deregister(&world.u), 0);
	CHECK(sim_wait(&world.u, UE_EVENT_DEREGISTERED, 300) != NULL);

	/* what is on its way can still be read */
	CHECK(sip_comp_is_open(&world.u.ue.comp));
	(void)sim_run_s(&world.sim, 600);
	CHECK(!sip_comp_is_open(&world.u.ue.comp));

	net_use_sigcomp(&world.net);
	CHECK_EQ(sim_ue_register(&world.u), 0);
	CHECK(sim_wait(&world.u, UE_EVENT_REGISTERED, 300) != NULL);
	CHECK_EQ(nc->failed + nc->nacks, 0);
	CHECK(world_end() == NULL);
	CHECK_EQ(nc->plain, 0);
}


static void settings(void)
{
	begin(4, 0);
	world.set.sigcomp_sms = 3000;
	CHECK(world_ue() != 0);
	begin(4, 0);
	world.set.sigcomp_sms = 2048;
	world.set.sigcomp_cpb = 64;
	CHECK(world_registered());
	CHECK(world_end() == NULL);
	CHECK_EQ(nc->failed + nc->nacks, 0);
}

#endif


const struct test_case suite_sigcomp_sim[] = {
#if UE_SIGCOMP
	{"TS 34.229-1 13.1: registration with SigComp", registration},
	{"RFC 5049: 5 % lost: nothing unreadable", losses},
	{"RFC 4077: doubled and late datagrams do no harm", late},
	{"RFC 4077 s2.3: the P-CSCF has lost its state", lost_state},
	{"TS 24.229 s8.1.1: the compartment ends with the registration",
	 again},
	{"RFC 3320 s3.3.1: sizes of the settings", settings},
#endif
	{NULL, NULL}
};
