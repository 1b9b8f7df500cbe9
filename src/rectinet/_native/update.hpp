// How parameters follow their gradients. Kernels that update take the rule as a template parameter and ask it for
// steps; another rule, or a constant of this one, is a change here alone.
#pragma once
#include <stdexcept>
#include <string>
#include <vector>

namespace rectinet {

// W -= rate x delta and b -= rate delta, summed over the minibatch.
template <class T>
class Sgd {
 public:
  explicit Sgd(const std::vector<double>& constants) {
    if (!constants.empty())
      throw std::invalid_argument("the update rule has no constants; got " + std::to_string(constants.size()));
  }

  // The rule of a step at this learning rate.
  Sgd at(double rate) const {
    Sgd step = *this;
    step.rate_ = T(rate);
    return step;
  }

  // What is added to a weight, per unit of the delta at its output, where its input is x.
  T weight_step(T x) const { return -rate_ * x; }
  // What is added to a bias at this delta.
  T bias_step(T delta) const { return -rate_ * delta; }

 private:
  T rate_ = 0;
};

template <class T>
using Rule = Sgd<T>;

}  // namespace rectinet
