/**
 * @file test_ipsec_handover.c  From one set to the next (TS 33.203 s7.4)
 */
#include "test/unit/ipsec_help.h"


/* The set after prm: P-CSCF and UE change one port each */
static struct ipsec_params next(const struct ipsec_params *prm)
{
	struct ipsec_params n = *prm;

	n.ue.spi_uc += 16;
	n.ue.spi_us += 16;
	n.spi_pc += 16;
	n.spi_ps += 16;
	++n.ue.port_uc;
	++n.port_pc;
	n.ck[0] ^= 1;
	n.ik[0] ^= 1;

	return n;
}


static int add_both(struct ends *e, const struct ipsec_params *prm)
{
	const struct ipsec_params net = help_mirror(prm);
	int err = ipsec_add(NULL, &e->ue, prm, 0);

	return err ? err : ipsec_add(NULL, &e->net, &net, 0);
}


static int establish_both(struct ends *e)
{
	int err = ipsec_establish(&e->ue, 0, 600);

	return err ? err : ipsec_establish(&e->net, 0, 600);
}


static enum ipsec_verdict pass(struct ipsec *from, struct ipsec *to,
			       const struct ipsec_addr *a,
			       const struct ipsec_addr *b, uint8_t proto,
			       uint16_t sport, uint16_t dport, size_t len)
{
	struct room r;

	help_packet(&r, a, b, proto, sport, dport, 0, NULL, 0, len);
	if (ipsec_output(from, &r.pkt, 1) != IPSEC_PROTECT)
		return IPSEC_DISCARD;

	return ipsec_input(to, &r.pkt, 1);
}


static void parallel(void)
{
	struct ipsec_params a = help_params(IPSEC_ALG_HMAC_SHA_1_96,
					    IPSEC_EALG_AES_CBC, 6);
	struct ipsec_params b = next(&a), c = next(&b);
	struct ends e;

	CHECK_EQ(help_ends(&e, &a), 0);
	CHECK_EQ(establish_both(&e), 0);
	CHECK_EQ(add_both(&e, &b), 0);
	CHECK_EQ(establish_both(&e), 0);
	CHECK_EQ(add_both(&e, &c), 0);

	/* all three carry packets, each in both directions */
	CHECK_EQ(pass(&e.ue, &e.net, &a.local, &a.remote, 17, a.ue.port_uc,
		      a.port_ps, 9), IPSEC_PROTECT);
	CHECK_EQ(pass(&e.ue, &e.net, &a.local, &a.remote, 17, b.ue.port_uc,
		      b.port_ps, 9), IPSEC_PROTECT);
	CHECK_EQ(pass(&e.ue, &e.net, &a.local, &a.remote, 17, c.ue.port_uc,
		      c.port_ps, 9), IPSEC_PROTECT);
	CHECK_EQ(pass(&e.net, &e.ue, &a.remote, &a.local, 17, a.port_pc,
		      a.ue.port_us, 9), IPSEC_PROTECT);
	CHECK_EQ(pass(&e.net, &e.ue, &a.remote, &a.local, 17, c.port_pc,
		      c.ue.port_us, 9), IPSEC_PROTECT);
	CHECK(help_find(&e.ue, PORT_US, a.port_pc) ==
	      ipsec_get(&e.ue, IPSEC_OLD));
	CHECK(help_find(&e.ue, PORT_US, b.port_pc) ==
	      ipsec_get(&e.ue, IPSEC_CURRENT));
	CHECK(help_find(&e.ue, PORT_US, c.port_pc) ==
	      ipsec_get(&e.ue, IPSEC_TEMPORARY));

	/* deleted: nothing goes out, nothing comes in */
	ipsec_delete(&e.ue, IPSEC_OLD);
	CHECK_EQ(pass(&e.ue, &e.net, &a.local, &a.remote, 17, a.ue.port_uc,
		      a.port_ps, 9), IPSEC_DISCARD);
	CHECK_EQ(pass(&e.net, &e.ue, &a.remote, &a.local, 17, a.port_pc,
		      a.ue.port_us, 9), IPSEC_DISCARD);
	CHECK_EQ(e.ue.stats.dropv[IPSEC_DROP_NO_SA], 1);
}


/* A P-CSCF that keeps port_pc: both sets have the selectors of SA 4 */
static void same_selectors(void)
{
	struct ipsec_params a = help_params(IPSEC_ALG_HMAC_SHA_1_96,
					    IPSEC_EALG_AES_CBC, 4);
	struct ipsec_params b = next(&a);
	struct ends e;
	struct room r;

	b.port_pc = a.port_pc;
	CHECK_EQ(help_ends(&e, &a), 0);
	CHECK_EQ(establish_both(&e), 0);
	CHECK_EQ(add_both(&e, &b), 0);

	help_packet(&r, &a.local, &a.remote, 17, PORT_US, a.port_pc, 0, NULL,
		    0, 9);
	CHECK_EQ(ipsec_output(&e.ue, &r.pkt, 1), IPSEC_PROTECT);
	CHECK_EQ(ipsec_get32(help_at(&r) + 20), a.spi_pc);

	CHECK_EQ(establish_both(&e), 0);
	help_packet(&r, &a.local, &a.remote, 17, PORT_US, a.port_pc, 0, NULL,
		    0, 9);
	CHECK_EQ(ipsec_output(&e.ue, &r.pkt, 1), IPSEC_PROTECT);
	CHECK_EQ(ipsec_get32(help_at(&r) + 20), b.spi_pc);

	/* inbound the SPI tells them apart */
	CHECK_EQ(pass(&e.net, &e.ue, &a.remote, &a.local, 17, a.port_pc,
		      PORT_US, 9), IPSEC_PROTECT);
}


const struct test_case suite_ipsec_handover[] = {
	{"TS 33.203 s7.4: current, temporary and old set carry packets side "
	 "by side", parallel},
	{"TS 24.229 s5.1.1.5.1: of equal selectors the current set's, not the "
	 "temporary one's", same_selectors},
	{NULL, NULL}
};
