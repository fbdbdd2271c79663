/**
 * @file sec_none.c  Security agreement where it was left out: UE_IPSEC 0
 */
#include <errno.h>
#include "ue/ue.h"

#if !UE_IPSEC


const char *ims_sec_check(const struct ue_settings *set,
			  const struct ue_port *port)
{
	(void)port;

	return set->sec == UE_SEC_NONE ? NULL :
		"settings: sec: only none is built";
}


int ims_sec_begin(struct ims_reg *reg, enum ims_sec_register kind)
{
	(void)kind;

	reg->sec.used = &reg->hop;
	reg->info.local = reg->hop.sent_by;

	return 0;
}


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


bool ims_sec_can_agree(struct ims_reg *reg, const struct sip_msg *msg)
{
	(void)reg;
	(void)msg;

	return false;
}


int ims_sec_establish(struct ims_reg *reg, const struct ue_usim_res *res)
{
	(void)reg;
	(void)res;

	return 0;
}


bool ims_sec_is_safe(const struct ims_reg *reg)
{
	(void)reg;

	return true;
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


void ims_sec_end(struct ims_reg *reg)
{
	(void)reg;
}


void ims_sec_close(struct ims_reg *reg)
{
	(void)reg;
}


bool ims_sec_is_open(const struct ims_reg *reg)
{
	(void)reg;

	return false;
}


bool ims_sec_is_protected(const struct ims_reg *reg)
{
	(void)reg;

	return false;
}

#endif
