// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IToken} from "./support/IToken.sol";
import {TokenTest} from "./support/TokenTest.sol";
import {vm} from "./support/Vm.sol";

/// @title What was not signed for this token, this chain and these terms moves nothing
contract ForgeryTest is TokenTest {
    function setUp() public override {
        super.setUp();
        mint(payer, 100_000);
    }

    function testFuzz_skips_zeroAmountForgery(bytes32 r, bytes32 vs) public {
        bytes memory forged = abi.encodePacked(r, vs, terms(payment(0, 0)));
        expectSkip(group(merchant, 0, 1, forged), 7);
    }

    function testFuzz_junkSignatureMovesNothing(bytes32 r, bytes32 vs, uint64 amount) public {
        vm.assume(amount != 0);
        settle(group(merchant, 0, 1, abi.encodePacked(r, vs, terms(payment(amount, 0)))));
        vm.assertEq(token.balanceOf(merchant), 0);
    }

    function testFuzz_changedTermsMoveNothing(uint256 bit) public {
        bytes memory batch = group(merchant, 0, 1, item(payment(500, 5)));
        // From the merchant's first bit to the last of the invoice, but for the fee, the count and the signature.
        bit = bit % ((20 + 34) * 8);
        uint256 at = bit < 160 ? bit : bit + (4 + 64) * 8;
        batch[at / 8] = bytes1(uint8(batch[at / 8]) ^ uint8(1 << (at % 8)));
        settle(batch);
        vm.assertEq(token.balanceOf(payer), 100_000);
    }

    function test_signatureOfAnotherChainMovesNothing() public {
        bytes memory batch = batchOf(payment(500, 0));
        vm.chainId(8_217);
        settle(batch);
        vm.assertEq(token.balanceOf(payer), 100_000);
        vm.chainId(31_337);
        settle(batch);
        vm.assertEq(token.balanceOf(merchant), 500);
    }

    function test_signatureForAnotherTokenMovesNothing() public {
        bytes memory batch = batchOf(payment(500, 0));
        IToken other = IToken(factory.create("other", code("KRWToken"), setUpCall()));
        vm.prank(MINTER);
        other.mint(payer, 1_000);
        vm.prank(SETTLER);
        other.settleBatch(batch);
        vm.assertEq(other.balanceOf(payer), 1_000);
    }
}
