#include "signal/credential.hpp"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace heliograph::signal {
namespace {

// Made by Python: hashlib.scrypt, hashlib.pbkdf2_hmac.
const std::vector<std::pair<std::string, std::string>> kHashes = {
    {"password", "$scrypt$ln=10,r=8,p=1$TmFDbE5hQ2w$8wGlwXmNXS2n1KDaxmhQaPHcojxLhIixEr3YNcqC+84"},
    {"p\xc3\xa4ssword",
     "$scrypt$ln=15,r=8,p=1$MDEyMzQ1Njc4OWFiY2RlZg$"
     "Xsc93AT2PVwp8DVRbDuuz2d9OzZxT17KmvM4t9w0Sm0lMF/p6XfgaOpbWWEcvwqLUcu+6HLw+57AaAMJhIF76A"},
    {"password", "$pbkdf2-sha256$i=1000$TmFDbE5hQ2w$C5zs9UT6gsgEqTDblph8LXxomGWngTlPTqa/Xyi9l7Q"},
    {"", "$pbkdf2-sha256$i=2$MTIzNDU2Nzg$SezGZEGgrGVwFl1FVLue0g"},
};

const std::string kSalt = "$TmFDbE5hQ2w";
const std::string kHash = "$8wGlwXmNXS2n1KDaxmhQaPHcojxLhIixEr3YNcqC+84";

TEST(Credential, VerifiesHashesOfOthers) {
  for (const auto& [password, stored] : kHashes) {
    EXPECT_TRUE(verify_password(stored, password)) << stored;
    EXPECT_FALSE(verify_password(stored, password + "x")) << stored;
    EXPECT_FALSE(verify_password(stored, stored)) << stored;
    EXPECT_TRUE(needs_derivation(stored)) << stored;
  }
}

TEST(Credential, APlainValueIsThePassword) {
  for (const char* password :
       {"", "password1", "$", "$money", "$$", "$a b$c", "x$1$y", "scrypt", "$scryp", "$ecret$",
        "$money$x", "$new-kind$1234567", "p\xc3\xa4ss"}) {
    EXPECT_TRUE(verify_password(password, password)) << password;
    EXPECT_FALSE(verify_password(password, std::string(password) + "x")) << password;
    EXPECT_FALSE(needs_derivation(password)) << password;
  }
  EXPECT_FALSE(verify_password("password1", ""));
  EXPECT_FALSE(verify_password("", "password1"));
  EXPECT_FALSE(verify_password("password1", "password2"));
}

TEST(Credential, ADamagedOrForeignHashIsRightForNothing) {
  for (const std::string& stored :
       {std::string("$scrypt$"), std::string("$scrypt$ln=10,r=8,p=1") + kSalt,
        std::string("$scrypt$ln=10,r=8,p=1") + kSalt + "$", std::string("$pbkdf2-sha256$"),
        std::string("$pbkdf2-sha512$i=1") + kSalt + kHash, std::string("$pbkdf2$1") + kSalt + kHash,
        std::string("$argon2id$v=19$m=65536,t=3,p=4") + kSalt + kHash,
        std::string("$2b$12$abcdefghijklmnopqrstuv"), std::string("$6$salt$hash"),
        std::string("$1$salt$hash"), std::string("$y$j9T$salt$hash"),
        std::string("$new-kind$12345678")}) {
    EXPECT_FALSE(verify_password(stored, stored)) << stored;
    EXPECT_FALSE(verify_password(stored, "")) << stored;
    EXPECT_FALSE(needs_derivation(stored)) << stored;
  }
}

TEST(Credential, RefusesHashesThatAreNotWrittenExactlyAsTheFormSays) {
  ASSERT_TRUE(parse_phc("$scrypt$ln=10,r=8,p=1" + kSalt + kHash));
  for (const char* const parameters :
       {"$scrypt$ln=010,r=8,p=1", "$scrypt$ln=+10,r=8,p=1", "$scrypt$ln=-1,r=8,p=1",
        "$scrypt$ln= 10,r=8,p=1", "$scrypt$ln=10,r=8", "$scrypt$r=8,ln=10,p=1",
        "$scrypt$ln=10,r=8,p=1,", "$scrypt$ln=,r=8,p=1", "$scrypt$ln=0,r=8,p=1",
        "$scrypt$ln=99999999999,r=8,p=1", "$SCRYPT$ln=10,r=8,p=1", "scrypt$ln=10,r=8,p=1",
        "$scrypt$v=1$ln=10,r=8,p=1", "$pbkdf2-sha256$1000", "$pbkdf2-sha256$i=0",
        "$pbkdf2-sha256$i=1,l=32", ""}) {
    EXPECT_FALSE(parse_phc(parameters + kSalt + kHash)) << parameters;
  }
  const std::string parameters = "$scrypt$ln=10,r=8,p=1";
  EXPECT_FALSE(parse_phc(parameters + kSalt + kHash + "="));
  EXPECT_FALSE(parse_phc(parameters + kSalt + kHash + "$"));
  EXPECT_FALSE(parse_phc(parameters + kSalt + kHash + "\n"));
  EXPECT_FALSE(parse_phc(parameters + kSalt + "=" + kHash));
  EXPECT_FALSE(parse_phc(parameters + "$NaCl!aCl===" + kHash));
}

TEST(Credential, BoundsWhatADerivationCosts) {
  const auto scrypt = [](int ln, int r, int p) {
    return parse_phc("$scrypt$ln=" + std::to_string(ln) + ",r=" + std::to_string(r) +
                     ",p=" + std::to_string(p) + kSalt + kHash)
        .has_value();
  };
  EXPECT_TRUE(scrypt(18, 8, 1));
  EXPECT_FALSE(scrypt(19, 8, 1));
  EXPECT_TRUE(scrypt(10, 16, 1));
  EXPECT_FALSE(scrypt(10, 17, 1));
  EXPECT_TRUE(scrypt(10, 8, 4));
  EXPECT_FALSE(scrypt(10, 8, 5));
  EXPECT_TRUE(parse_phc("$pbkdf2-sha256$i=2000000" + kSalt + kHash));
  EXPECT_FALSE(parse_phc("$pbkdf2-sha256$i=2000001" + kSalt + kHash));
}

TEST(Credential, BoundsSaltAndHash) {
  const auto sizes = [](std::size_t salt, std::size_t hash) {
    return parse_phc(format_phc({.parameters = Pbkdf2Parameters{.iterations = 1},
                                 .salt = std::vector<std::uint8_t>(salt),
                                 .hash = std::vector<std::uint8_t>(hash)}))
        .has_value();
  };
  EXPECT_TRUE(sizes(8, 16));
  EXPECT_TRUE(sizes(64, 64));
  EXPECT_FALSE(sizes(7, 16));
  EXPECT_FALSE(sizes(65, 64));
  EXPECT_FALSE(sizes(8, 15));
  EXPECT_FALSE(sizes(64, 65));
}

TEST(Credential, WritesWhatItReads) {
  for (const auto& [password, stored] : kHashes) EXPECT_EQ(format_phc(*parse_phc(stored)), stored);
}

TEST(Credential, ANewHashIsScryptAndItsOwn) {
  const std::string first = hash_password("password").value();
  const std::string second = hash_password("password").value();
  EXPECT_TRUE(first.starts_with("$scrypt$ln=15,r=8,p=1$")) << first;
  EXPECT_NE(first, second);
  EXPECT_TRUE(verify_password(first, "password"));
  EXPECT_FALSE(verify_password(first, "passwore"));
}

TEST(Credential, WeakerThanANewHashIsWhatTakesLessMemory) {
  constexpr std::string_view kRest = "$m+6N0nrVxBhLbNrel6AcHQ$kYf/uij1rT7Ei26bgIi80PhkgnPZIspV";
  const auto scrypt = [&](std::string_view parameters) {
    return std::string("$scrypt$").append(parameters).append(kRest);
  };
  EXPECT_TRUE(is_weaker("password"));
  EXPECT_TRUE(is_weaker(""));
  EXPECT_TRUE(is_weaker(std::string("$pbkdf2-sha256$i=2000000").append(kRest)));
  EXPECT_TRUE(is_weaker(scrypt("ln=14,r=8,p=1")));
  EXPECT_FALSE(is_weaker(scrypt("ln=15,r=8,p=1")));
  EXPECT_TRUE(is_weaker(scrypt("ln=15,r=7,p=1")));
  EXPECT_FALSE(is_weaker(scrypt("ln=14,r=16,p=1")));
  EXPECT_FALSE(is_weaker(scrypt("ln=17,r=8,p=2")));
  EXPECT_FALSE(is_weaker(hash_password("password").value()));
  // Of another system, or damaged: right for nothing, and not to be touched.
  EXPECT_FALSE(is_weaker("$2b$12$abcdefghijklmnopqrstuv"));
  EXPECT_FALSE(is_weaker("$scrypt$ln=14"));
}

TEST(Credential, TheDummyCostsAsMuchAsANewHash) {
  ASSERT_TRUE(needs_derivation(dummy_phc()));
  EXPECT_TRUE(dummy_phc().starts_with("$scrypt$ln=15,r=8,p=1$"));
  EXPECT_EQ(dummy_phc().size(), hash_password("x")->size());
  EXPECT_FALSE(verify_password(dummy_phc(), ""));
  EXPECT_FALSE(verify_password(dummy_phc(), dummy_phc()));
}

}  // namespace
}  // namespace heliograph::signal
