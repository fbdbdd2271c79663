/**
 * @file esp.c  ESP on Linux: which way, and what is common to both
 */
#include <errno.h>
#include <string.h>
#include "ports/linux/linux_port.h"


const char *linux_esp_name(enum linux_esp_mode mode)
{
	switch (mode) {

	case LINUX_ESP_AUTO: return "auto";
	case LINUX_ESP_TUN:  return "tun";
	case LINUX_ESP_XFRM: return "xfrm";
	}

	return "?";
}


int linux_esp_open(struct linux_esp *esp, enum linux_esp_mode mode,
		   struct ipsec *db, const char **what)
{
	const char *xfrm_what;
	int err;

	memset(esp, 0, sizeof(*esp));

	if (mode == LINUX_ESP_XFRM) {
		err = esp_xfrm_open(&esp->xfrm, what);
		goto out;
	}

	/* the way that leaves nothing behind, not even after a crash, first */
	err = esp_tun_open(&esp->tun, db, what);
	if (err && mode == LINUX_ESP_AUTO) {
		if (!esp_xfrm_open(&esp->xfrm, &xfrm_what)) {
			mode = LINUX_ESP_XFRM;
			err  = 0;
		}
	}
	else if (!err) {
		mode = LINUX_ESP_TUN;
	}

 out:
	if (!err)
		esp->mode = mode;

	return err;
}


void linux_esp_close(struct linux_esp *esp)
{
	if (esp->mode == LINUX_ESP_TUN)
		esp_tun_close(&esp->tun);
	else if (esp->mode == LINUX_ESP_XFRM)
		esp_xfrm_close(&esp->xfrm);
	esp->mode = LINUX_ESP_AUTO;
}


int linux_esp_protect(struct linux_esp *esp, int fd,
		      const struct ue_addr *local,
		      const struct ue_addr *remote, enum ue_flow_kind kind)
{
	if (!local->family || !local->port)
		return EINVAL;

	switch (esp->mode) {

	case LINUX_ESP_TUN:
		return esp_tun_protect(&esp->tun, fd, local, remote, kind);

	case LINUX_ESP_XFRM:
		return esp_xfrm_protect(&esp->xfrm, local, kind);

	default:
		return ENOTSUP;
	}
}


void linux_esp_release(struct linux_esp *esp, const struct ue_addr *local,
		       enum ue_flow_kind kind)
{
	if (esp->mode == LINUX_ESP_XFRM)
		esp_xfrm_release(&esp->xfrm, local, kind);
	else if (esp->mode == LINUX_ESP_TUN)
		esp_tun_release(&esp->tun, local, kind);
}


bool linux_esp_pair(const struct linux_esp *esp, enum ipsec_alg alg,
		    enum ipsec_ealg ealg)
{
	return esp->mode == LINUX_ESP_TUN ||
		(esp->mode == LINUX_ESP_XFRM &&
		 esp_xfrm_pair(&esp->xfrm, alg, ealg));
}


int linux_esp_install(struct linux_esp *esp, const struct ipsec_params *prm,
		      const struct ipsec_keys *keys)
{
	return esp->mode == LINUX_ESP_XFRM
		? esp_xfrm_install(&esp->xfrm, prm, keys) : 0;
}


void linux_esp_remove(struct linux_esp *esp, const struct ipsec_offer *ue)
{
	if (esp->mode == LINUX_ESP_XFRM)
		esp_xfrm_remove(&esp->xfrm, ue);
	else if (esp->mode == LINUX_ESP_TUN)
		esp_tun_remove(&esp->tun, ue);
}


void linux_esp_stats(struct linux_esp *esp, struct ipsec_stats *stats)
{
	memset(stats, 0, sizeof(*stats));

	if (esp->mode == LINUX_ESP_TUN)
		*stats = esp->tun.db->stats;
	else if (esp->mode == LINUX_ESP_XFRM)
		esp_xfrm_stats(&esp->xfrm, stats);
}
