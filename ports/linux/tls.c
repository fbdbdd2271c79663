/**
 * @file tls.c  Linux port: TLS for MSRP (RFC 4975 s14, RFC 8122 s5)
 *
 * mbedTLS on a fixed buffer.  The certificate is made at start and signs
 * itself: the fingerprint in the session description is what counts (RFC
 * 4975 s14.4), so the core compares it and nothing is verified here.
 *
 * A record is written as a whole: what the socket does not take of it waits
 * in `out`, and no other one is made before it has gone.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <mbedtls/memory_buffer_alloc.h>
#include <mbedtls/platform_util.h>
#include <mbedtls/sha256.h>
#include <mbedtls/x509_crt.h>
#include "ports/common/random.h"
#include "ports/linux/linux_port.h"

#if UE_MSRP_TLS

/* What is read at once: two for a record, and a flight of the handshake is a
 * few. mbedTLS goes on as long as there are records that mean nothing, such as
 * warnings, so that a peer that sends nothing else would have the program for
 * itself; poll() shows what is left */
enum { TLS_READS = 32 };

/* Two connections with their handshakes take 70 KB of it */
static unsigned char memory[192 * 1024];

static struct {
	bool ready;
	mbedtls_pk_context key;
	mbedtls_x509_crt cert;
	mbedtls_ssl_config confv[2];    /* client, server */
} tls;


static int rng(void *arg, unsigned char *buf, size_t len)
{
	(void)arg;

	return random_bytes(buf, len) ? -1 : 0;
}


/** RFC 4975 s14.4: a self-signed certificate with a key of its own */
static int make_certificate(void)
{
	static unsigned char der[1024];
	mbedtls_x509write_cert crt;
	mbedtls_mpi serial;
	int n = -1;

	mbedtls_x509write_crt_init(&crt);
	mbedtls_mpi_init(&serial);

	if (mbedtls_pk_setup(&tls.key,
			     mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY)) ||
	    mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1,
				mbedtls_pk_ec(tls.key), rng, NULL) ||
	    mbedtls_mpi_fill_random(&serial, 8, rng, NULL) ||
	    mbedtls_x509write_crt_set_serial(&crt, &serial) ||
	    mbedtls_x509write_crt_set_subject_name(&crt, "CN=uIMS") ||
	    mbedtls_x509write_crt_set_issuer_name(&crt, "CN=uIMS") ||
	    mbedtls_x509write_crt_set_validity(&crt, "20200101000000",
					       "20491231235959"))
		goto out;
	mbedtls_x509write_crt_set_version(&crt, MBEDTLS_X509_CRT_VERSION_3);
	mbedtls_x509write_crt_set_md_alg(&crt, MBEDTLS_MD_SHA256);
	mbedtls_x509write_crt_set_subject_key(&crt, &tls.key);
	mbedtls_x509write_crt_set_issuer_key(&crt, &tls.key);

	/* it is written at the end of the buffer */
	n = mbedtls_x509write_crt_der(&crt, der, sizeof(der), rng, NULL);
	if (n > 0)
		n = mbedtls_x509_crt_parse_der(&tls.cert, der + sizeof(der) -
					       n, (size_t)n);

 out:
	mbedtls_mpi_free(&serial);
	mbedtls_x509write_crt_free(&crt);

	return n ? EIO : 0;
}


static int configure(mbedtls_ssl_config *conf, int endpoint)
{
	mbedtls_ssl_config_init(conf);
	if (mbedtls_ssl_config_defaults(conf, endpoint,
					MBEDTLS_SSL_TRANSPORT_STREAM,
					MBEDTLS_SSL_PRESET_DEFAULT) ||
	    mbedtls_ssl_conf_own_cert(conf, &tls.cert, &tls.key))
		return EIO;
	/* both sides show a certificate; see above */
	mbedtls_ssl_conf_authmode(conf, MBEDTLS_SSL_VERIFY_OPTIONAL);
	mbedtls_ssl_conf_rng(conf, rng, NULL);

	return 0;
}


/** Key and certificate, once, when the first connection needs them */
static int start(void)
{
	if (tls.ready)
		return 0;

	mbedtls_memory_buffer_alloc_init(memory, sizeof(memory));
	mbedtls_pk_init(&tls.key);
	mbedtls_x509_crt_init(&tls.cert);
	if (make_certificate() ||
	    configure(&tls.confv[0], MBEDTLS_SSL_IS_CLIENT) ||
	    configure(&tls.confv[1], MBEDTLS_SSL_IS_SERVER))
		return EIO;
	tls.ready = true;

	return 0;
}


void linux_tls_close(void)
{
	/* numbers of the key, and what a handshake that was cut off has left:
	   all of it was allocated there */
	mbedtls_platform_zeroize(memory, sizeof(memory));
	memset(&tls, 0, sizeof(tls));
}


static int bio_send(void *arg, const unsigned char *p, size_t n)
{
	struct linux_flow *f = arg;
	struct linux_tls *t = f->tls;
	ssize_t took = 0;

	if (!t->out_len) {
		took = send(f->fd, p, n, MSG_NOSIGNAL);
		if (took < 0)
			took = 0;
	}
	n -= (size_t)took;
	if (sizeof(t->out) - t->out_len < n)
		return MBEDTLS_ERR_SSL_INTERNAL_ERROR;
	memcpy(t->out + t->out_len, p + took, n);
	t->out_len += n;

	return (int)(n + (size_t)took);
}


static int bio_recv(void *arg, unsigned char *p, size_t n)
{
	const struct linux_flow *f = arg;
	ssize_t got;

	if (!f->tls->reads)
		return MBEDTLS_ERR_SSL_WANT_READ;
	--f->tls->reads;
	got = recv(f->fd, p, n, 0);
	if (got >= 0)
		return (int)got;

	return errno == EAGAIN || errno == EINTR
		? MBEDTLS_ERR_SSL_WANT_READ : MBEDTLS_ERR_SSL_INTERNAL_ERROR;
}


int linux_tls_begin(struct linux_flow *f, bool server)
{
	struct linux_tls *t = f->tls;
	int err = start();

	if (err)
		return err;

	mbedtls_ssl_init(&t->ssl);
	t->on    = true;
	t->ready = false;
	t->out_len = 0;
	if (mbedtls_ssl_setup(&t->ssl, &tls.confv[server])) {
		linux_tls_end(f);
		return ENOMEM;
	}
	mbedtls_ssl_set_bio(&t->ssl, f, bio_send, bio_recv, NULL);

	return 0;
}


void linux_tls_end(struct linux_flow *f)
{
	struct linux_tls *t = f->tls;

	if (!t || !t->on)
		return;

	/* RFC 5246 s7.2.1: what can be sent of it is sent */
	if (t->ready)
		(void)mbedtls_ssl_close_notify(&t->ssl);
	mbedtls_ssl_free(&t->ssl);
	t->on = t->ready = false;
	t->out_len = 0;
}


int linux_tls_flush(struct linux_flow *f)
{
	struct linux_tls *t = f->tls;
	ssize_t n;

	if (!t->out_len)
		return 0;

	n = send(f->fd, t->out, t->out_len, MSG_NOSIGNAL);
	if (n < 0)
		return errno == EINTR ? EAGAIN : errno;
	t->out_len -= (size_t)n;
	memmove(t->out, t->out + n, t->out_len);

	return t->out_len ? EAGAIN : 0;
}


int linux_tls_handshake(struct linux_flow *f)
{
	struct linux_tls *t = f->tls;
	int ret;

	t->reads = TLS_READS;
	ret = mbedtls_ssl_handshake(&t->ssl);
	if (ret == MBEDTLS_ERR_SSL_WANT_READ ||
	    ret == MBEDTLS_ERR_SSL_WANT_WRITE)
		return EAGAIN;
	if (ret)
		return EPROTO;
	t->ready = true;

	return 0;
}


int linux_tls_read(struct linux_flow *f, uint8_t *p, size_t *n)
{
	int ret;

	f->tls->reads = TLS_READS;
	ret = mbedtls_ssl_read(&f->tls->ssl, p, *n);
	if (ret > 0) {
		*n = (size_t)ret;
		return 0;
	}

	return ret == MBEDTLS_ERR_SSL_WANT_READ ||
		ret == MBEDTLS_ERR_SSL_WANT_WRITE ? EAGAIN : ECONNRESET;
}


size_t linux_tls_write(struct linux_flow *f, const void *p, size_t n)
{
	int ret;

	if (!f->tls->ready || f->tls->out_len)
		return 0;

	ret = mbedtls_ssl_write(&f->tls->ssl, p, n);

	return ret > 0 ? (size_t)ret : 0;
}


int linux_tls_fingerprint(void *arg, unsigned num, uint8_t sha256[32])
{
	struct linux_port *lp = arg;
	const mbedtls_x509_crt *crt = &tls.cert;
	struct linux_tls *t;
	int err;

	if (num >= UE_FLOWS_MAX && num < MESSAGING_LISTENER) {
		t = lp->flowv[num].tls;
		crt = t->ready ? mbedtls_ssl_get_peer_cert(&t->ssl) : NULL;
	}
	else {
		err = start();
		if (err)
			return err;
	}
	if (!crt)
		return ENOENT;

	return mbedtls_sha256_ret(crt->raw.p, crt->raw.len, sha256, 0)
		? EIO : 0;
}

#endif
