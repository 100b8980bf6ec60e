// Where users are kept.
#pragma once

#include <set>
#include <string>

namespace heliograph::app {

// Each verb throws Failure, or has done its work.
class UserStore {
 public:
  UserStore() = default;
  UserStore(const UserStore&) = delete;
  UserStore& operator=(const UserStore&) = delete;
  virtual ~UserStore() = default;

  // False, and nothing changed, if the user exists already.
  virtual bool add(const std::string& name, const std::string& hash) = 0;
  // The others: false, and nothing changed, if there is no such user.
  virtual bool change(const std::string& name, const std::string& hash) = 0;
  virtual bool remove(const std::string& name) = 0;
  virtual bool exists(const std::string& name) = 0;
  virtual std::set<std::string> names() = 0;
};

}  // namespace heliograph::app
