// Whole files, for what is read at start and kept by the command.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "crypto/secret_bytes.hpp"

namespace heliograph::app {

// Throws Failure, which names the file and the reason. `what` says what the file is for:
// "certificate".
std::string read_file(const std::filesystem::path& path, std::string_view what);

// The same, but nothing if there is no such file.
std::optional<std::string> read_file_if_present(const std::filesystem::path& path,
                                                std::string_view what);

// The same, for what nobody must find in memory later.
crypto::SecretBytes read_secret_file(const std::filesystem::path& path, std::string_view what);
std::optional<crypto::SecretBytes> read_secret_file_if_present(const std::filesystem::path& path,
                                                               std::string_view what);

enum class Readers { kOwner, kEverybody };

// Throws Failure, also if there is such a file.
void create_file(const std::filesystem::path& path, std::string_view content, Readers readers);

// In one step, so that a reader sees the old content or the new, never a part. Throws Failure.
void replace_file(const std::filesystem::path& path, std::string_view content, Readers readers);

// The same, for the owner only.
void write_private_file(const std::filesystem::path& path, std::string_view content);

// The first line, without its end: how a passphrase or password is kept in a file.
std::string_view first_line(std::string_view content);

}  // namespace heliograph::app
