// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IToken} from "./support/IToken.sol";
import {TokenTest} from "./support/TokenTest.sol";
import {vm} from "./support/Vm.sol";

/// @title The replay window of a payer: 64 nonces that slide
contract WindowTest is TokenTest {
    function setUp() public override {
        super.setUp();
        mint(payer, 100_000);
    }

    function test_window_slidesAndForgetsNothing() public {
        settle(batchOf(payment(1, 10)));
        settle(batchOf(payment(1, 70)));
        IToken.Account memory found = accountOf(payer);
        vm.assertEq(found.base, 7);
        vm.assertEq(found.window, 1 << 63 | 1 << 3);
        expectSkip(batchOf(payment(1, 6)), 5);
        expectSkip(batchOf(payment(1, 10)), 5);
        expectSkip(batchOf(payment(1, 70)), 5);
        settle(batchOf(payment(1, 7)));
        settle(batchOf(payment(1, 69)));
        vm.assertEq(token.balanceOf(merchant), 4);
    }

    function test_window_jumpsAtMost1024Beyond() public {
        expectSkip(batchOf(payment(1, 1_088)), 5);
        settle(batchOf(payment(1, 1_087)));
        vm.assertEq(accountOf(payer).base, 1_024);
        vm.assertEq(accountOf(payer).window, 1 << 63);
    }

    function testFuzz_window_paysEachNonceOnce(uint48[16] memory seeds) public {
        uint256 paid;
        bool[2_048] memory used;
        for (uint256 i; i < seeds.length; ++i) {
            uint48 nonce = seeds[i] % 200;
            uint256 base = accountOf(payer).base;
            settle(batchOf(payment(1, nonce)));
            if (nonce >= base && !used[nonce]) {
                used[nonce] = true;
                paid += 1;
            }
        }
        vm.assertEq(token.balanceOf(merchant), paid);
    }
}
