#include <check.h>
#include <string.h>

#include "hash.h"

Suite *hash_suite(void);

static void expect(const void *data, size_t len, size_t piece, const char *want)
{
	uint8_t digest[HASH_SIZE];
	char hex[HASH_HEX];
	struct hash s;

	hash_init(&s);
	for (size_t i = 0; i < len; i += piece)
		hash_add(&s, (const char *)data + i, len - i < piece ? len - i : piece);
	hash_end(&s, digest);
	hash_hex(digest, hex);
	ck_assert_str_eq(hex, want);
}

START_TEST(abc)
{
	expect("abc", 3, 3, "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
}
END_TEST

/* Bytes 0, 1, 2, ... modulo 251, around the ends of blocks; made by another BLAKE2b. */
static const struct {
	size_t len;
	const char *want;
} known[] = {
    {0, "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8"},
    {1, "03170a2e7597b7b7e3d84c05391d139a62b157e78786d8c082f29dcf4c111314"},
    {2, "01cf79da4945c370c68b265ef70641aaa65eaa8f5953e3900d97724c2c5aa095"},
    {63, "29e41a64fbdd2fd27612228623c0702222bf367451e7324287f181cb3dcf7237"},
    {64, "10d8e6d534b00939843fe9dcc4dae48cdf008f6b8b2b82b156f5404d874887f5"},
    {127, "f2fe67ff342e21b8f45e8f2e0bcd1d9243245d50ee6c78042e9c491388791c72"},
    {128, "c3582f71ebb2be66fa5dd750f80baae97554f3b015663c8be377cfcb2488c1d1"},
    {129, "f7f3c46ba2564ff4c4c162da1f5b605f9f1c4aa6a20652a9f9a337c1a2f5b9c9"},
    {255, "d9ef0fc521b4266d16df662bec231bc2ec3989e7adeaf63169c295dc239dbbea"},
    {256, "582f782226018ec33076bd8d1c42413530ac7e1126260ffc0f306ba3befc3f24"},
    {257, "227e15ed64ee8e93eb7bc53828f76eed974f2c4ab1408c3d08f212b7f8d69904"},
    {1000, "b372d0608f720c8c3dd41e9c8eecb10143b41abe520b616607e754bf79c08331"},
};

START_TEST(lengths)
{
	static const size_t pieces[] = {1, 3, 64, 127, 128, 129, 1000};
	uint8_t data[1000];

	for (size_t i = 0; i < sizeof data; i++)
		data[i] = (uint8_t)(i % 251);
	for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
		expect(data, known[_i].len, pieces[i], known[_i].want);
}
END_TEST

static void digest_pair(const char *a, const char *b, uint8_t out[HASH_SIZE])
{
	struct hash s;

	hash_init(&s);
	hash_add_counted(&s, a, strlen(a));
	hash_add_counted(&s, b, strlen(b));
	hash_end(&s, out);
}

START_TEST(counted_pieces_do_not_run_together)
{
	uint8_t a[HASH_SIZE], b[HASH_SIZE];

	digest_pair("ab", "c", a);
	digest_pair("a", "bc", b);
	ck_assert_mem_ne(a, b, HASH_SIZE);
	digest_pair("ab", "c", b);
	ck_assert_mem_eq(a, b, HASH_SIZE);
}
END_TEST

Suite *hash_suite(void)
{
	Suite *s = suite_create("hash");
	TCase *tc = tcase_create("blake2b-256");

	tcase_add_test(tc, abc);
	tcase_add_loop_test(tc, lengths, 0, sizeof known / sizeof *known);
	tcase_add_test(tc, counted_pieces_do_not_run_together);
	suite_add_tcase(s, tc);
	return s;
}
