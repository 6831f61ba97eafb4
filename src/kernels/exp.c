// SPDX-License-Identifier: MIT
//
// The numbers of e^x and what is made of it: see exp.h.
#include "kernels/exp.h"

const struct oct_exp_numbers oct_exp_numbers = {
    .one = 1.0f,
    .least = -87.0f,
    .most = 89.0f,
    .log2_e = 1.44269504f,
    .magic = 12582912.0f,
    .ln2_high = 0.693359375f,
    .ln2_low = 2.12194440e-4f,
    .exp = {1.0f / 5040, 1.0f / 720, 1.0f / 120, 1.0f / 24, 1.0f / 6, 0.5f},
    .tanh = {-5.70498872745e-3f, 2.06390887954e-2f, -5.37397155531e-2f, 1.33314422036e-1f, -3.33332819422e-1f},
    .tanh_near = 0.625f,
    .erf = {7.853861353153693e-5f, -8.010193625184903e-4f, 5.188327685732524e-3f, -2.685381193529856e-2f,
            1.128358514861418e-1f, -3.761262582423300e-1f, 1.128379165726710f},
    .erf_far = {1.061405429f, -1.453152027f, 1.421413741f, -0.284496736f, 0.254829592f},
    .erf_p = 0.3275911f,
};
