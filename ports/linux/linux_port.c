/**
 * @file linux_port.c  struct ue_port on Linux: the table, the clock, the loop
 */
#include <errno.h>
#include <string.h>
#include "ports/common/log.h"
#include "ports/common/random.h"
#include "ports/common/re_time.h"
#include "ports/linux/linux_port.h"


/** poll(2) does not count the time that the device sleeps */
#define WAIT_MAX_MS 60000


static void pump_timer(void *arg)
{
	linux_port_pump(arg);
}


/** Let the UE do what is due, and sleep until it wants to run again */
void linux_port_pump(struct linux_port *lp)
{
	uint32_t wait_ms;

	lp->woken = false;
	if (ue_poll(lp->ue, re_time_ms(), &wait_ms))
		return;

	/* what it takes wakes us again */
	linux_stream_retry(lp);

	if (lp->woken)
		wait_ms = 0;
	else if (wait_ms > WAIT_MAX_MS)
		wait_ms = WAIT_MAX_MS;

	tmr_start(&lp->tmr, wait_ms, pump_timer, lp);
}


static void port_wake(void *arg)
{
	struct linux_port *lp = arg;

	lp->woken = true;
	tmr_start(&lp->tmr, 0, pump_timer, lp);
}


static int port_random(void *arg, void *buf, size_t len)
{
	(void)arg;

	return random_bytes(buf, len);
}


/** The card's; the settings say what it does not */
static int port_identity(void *arg, struct ue_identity *id)
{
	struct linux_port *lp = arg;
	const struct ue_identity *set = &lp->identity;

	if (!lp->usim.has_id && !set->imsi[0])
		return ENOENT;

	*id = lp->usim.has_id ? lp->usim.id : *set;
	if (!id->mnc_len)
		id->mnc_len = set->mnc_len;

	return 0;
}


static void on_usim_result(const struct ue_usim_res *res, void *arg)
{
	struct linux_port *lp = arg;

	ue_usim_result(lp->ue, res);
}


static int port_authenticate(void *arg, const uint8_t rand[16],
			     const uint8_t autn[16])
{
	struct linux_port *lp = arg;

	return linux_usim_authenticate(&lp->usim, rand, autn);
}


#if UE_IPSEC

static bool port_ipsec_pair(void *arg, enum ipsec_alg alg,
			    enum ipsec_ealg ealg)
{
	const struct linux_port *lp = arg;

	return linux_esp_pair(&lp->esp, alg, ealg);
}


static int port_ipsec_install(void *arg, const struct ipsec_params *prm,
			      const struct ipsec_keys *keys)
{
	struct linux_port *lp = arg;

	if (lp->keysh)
		lp->keysh(prm, keys, lp->arg);

	return linux_esp_install(&lp->esp, prm, keys);
}


static void port_ipsec_remove(void *arg, const struct ipsec_offer *ue)
{
	struct linux_port *lp = arg;

	linux_esp_remove(&lp->esp, ue);
}

#endif


static int port_nv_read(void *arg, const char *key, void *buf, size_t *len)
{
	struct linux_port *lp = arg;

	return nv_file_read(&lp->nv, key, buf, len);
}


static int port_nv_write(void *arg, const char *key, const void *buf,
			 size_t len)
{
	struct linux_port *lp = arg;

	return nv_file_write(&lp->nv, key, buf, len);
}


static void port_log(void *arg, enum ue_log_level level, const char *line)
{
	(void)arg;
	log_printf((enum log_level)level, "%s", line);
}


static void port_trace(void *arg, const struct ue_trace *trace)
{
	struct linux_port *lp = arg;

	if (lp->traceh)
		lp->traceh(trace, lp->arg);
}


/**
 * Fill the table; libre's loop and random.c must be ready
 *
 * @param lp  Port, overwritten
 * @param ue  The UE that will be given lp->port
 */
void linux_port_init(struct linux_port *lp, struct ue *ue)
{
	memset(lp, 0, sizeof(*lp));

	lp->ue = ue;
	tmr_init(&lp->tmr);
	linux_flow_init(lp);
	linux_usim_init(&lp->usim, on_usim_result, lp);

	lp->port.arg               = lp;
	lp->port.resolve           = linux_resolve;
	lp->port.random            = port_random;
	lp->port.usim_identity     = port_identity;
	lp->port.usim_authenticate = port_authenticate;
	lp->port.nv_read           = port_nv_read;
	lp->port.nv_write          = port_nv_write;
	lp->port.log               = port_log;
	lp->port.trace             = port_trace;
	lp->port.wake              = port_wake;
}


/**
 * Have ESP ready for a UE with UE_SEC_IPSEC, before ue_init()
 *
 * @param what  As linux_esp_open()
 *
 * @return As linux_esp_open(); ENOTSUP also where it was left out of the UE
 */
int linux_port_esp(struct linux_port *lp, enum linux_esp_mode mode,
		   const char **what)
{
#if UE_IPSEC
	int err = linux_esp_open(&lp->esp, mode, ue_ipsec(lp->ue), what);

	if (err)
		return err;

	lp->port.ipsec_pair    = port_ipsec_pair;
	lp->port.ipsec_install = port_ipsec_install;
	lp->port.ipsec_remove  = port_ipsec_remove;

	return 0;
#else
	(void)lp;
	(void)mode;
	*what = "UE_IPSEC";

	return ENOTSUP;
#endif
}


/** Close what is open; the UE must be closed before */
void linux_port_close(struct linux_port *lp)
{
	tmr_cancel(&lp->tmr);
	linux_flow_close_all(lp);
#if UE_MSRP_TLS
	linux_tls_close();
#endif
	linux_esp_close(&lp->esp);
	linux_resolver_close(lp);
	linux_usim_close(&lp->usim);
}
