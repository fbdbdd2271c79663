# These benchmarks count allocations: none are allowed
bench_sip_parse_LDLIBS := -Wl,--wrap=malloc
bench_msrp_LDLIBS := -Wl,--wrap=malloc
# ESP against mbedTLS's ciphers alone, with the GCM that our build leaves out
bench_esp_SRC := test/bench/bench_esp.c test/bench/gcm_mbedtls.c
bench_esp_CFLAGS := -I$(MBEDTLS)/library
