/**
 * @file secagree.c  Security agreement: UE_SEC_NONE, digest AKA without
 * associations
 */
#include "ue/ims/registration.h"


void ims_sec_write_register(struct ims_reg *reg, struct sip_writer *w,
			    enum ims_sec_register kind)
{
	(void)reg;
	(void)w;
	(void)kind;
}


void ims_sec_write_request(struct ims_reg *reg, struct sip_writer *w)
{
	(void)reg;
	(void)w;
}


int ims_sec_challenge(struct ims_reg *reg, const struct sip_msg *msg)
{
	(void)reg;
	(void)msg;

	return 0;
}


int ims_sec_establish(struct ims_reg *reg, const struct ue_usim_res *res)
{
	(void)reg;
	(void)res;

	return 0;
}


void ims_sec_registered(struct ims_reg *reg, uint32_t expires_s)
{
	(void)reg;
	(void)expires_s;
}


void ims_sec_abandon(struct ims_reg *reg)
{
	(void)reg;
}


void ims_sec_close(struct ims_reg *reg)
{
	(void)reg;
}


struct sip_hop *ims_sec_hop(struct ims_reg *reg)
{
	return &reg->hop;
}
