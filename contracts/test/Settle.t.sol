// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IToken} from "./support/IToken.sol";
import {TokenTest} from "./support/TokenTest.sol";
import {Vm, vm} from "./support/Vm.sol";

contract SettleTest is TokenTest {
    function setUp() public override {
        super.setUp();
        mint(payer, 100_000);
    }

    function test_succeeds_withFeeSplitAndTwoLogs() public {
        Payment memory p = payment(4_599, 0);
        vm.recordLogs();
        settle(group(merchant, 80, 1, item(p)));
        Vm.Log[] memory logs = vm.getRecordedLogs();
        vm.assertEq(logs.length, 3, "logs");
        requireTransfer(logs[0], payer, merchant, 4_599);
        vm.assertEq(logs[1].topics[0], IToken.Paid.selector);
        vm.assertEq(logs[1].topics[1], bytes32(p.invoice));
        vm.assertEq(logs[1].data.length, 0, "data");
        requireTransfer(logs[2], merchant, FEES, 36);
        vm.assertEq(token.balanceOf(payer), 95_401);
        vm.assertEq(token.balanceOf(merchant), 4_563);
        vm.assertEq(token.balanceOf(FEES), 36);
    }

    function test_succeeds_withoutFeeLogWhenTheFeeRoundsToZero() public {
        vm.recordLogs();
        settle(group(merchant, 80, 1, item(payment(124, 0))));
        vm.assertEq(vm.getRecordedLogs().length, 2, "logs");
        vm.assertEq(token.balanceOf(merchant), 124);
    }

    function test_succeeds_withFeeRoundedAnItem() public {
        bytes memory items = abi.encodePacked(item(payment(124, 0)), item(payment(126, 1)));
        settle(group(merchant, 80, 2, items));
        vm.assertEq(token.balanceOf(FEES), 1);
    }

    function test_succeeds_withExactlyTheWholeBalance() public {
        settle(batchOf(payment(100_000, 0)));
        vm.assertEq(token.balanceOf(payer), 0);
    }

    function test_succeeds_whenThePayerIsTheMerchant() public {
        Payment memory p = payment(500, 0);
        p.merchant = payer;
        settle(group(payer, 100, 1, item(p)));
        vm.assertEq(token.balanceOf(payer), 99_995);
        vm.assertEq(token.balanceOf(FEES), 5);
    }

    function test_succeeds_whenTheMerchantTakesTheFees() public {
        Payment memory p = payment(500, 0);
        p.merchant = FEES;
        settle(group(FEES, 100, 1, item(p)));
        vm.assertEq(token.balanceOf(FEES), 500);
    }

    function test_succeeds_whateverCodePayerAndMerchantHave() public {
        // Code that burns all gas it is given: it is never called.
        vm.etch(payer, hex"5b600056");
        vm.etch(merchant, hex"5b600056");
        settle(batchOf(payment(500, 0)));
        vm.assertEq(token.balanceOf(merchant), 500);
    }

    function testFuzz_badItemsHarmNoOther(uint8[10] memory kinds) public {
        uint256 good;
        bytes memory items;
        for (uint48 i; i < kinds.length; ++i) {
            uint256 kind = kinds[i] % 8;
            if (kind > 4) good += 1;
            items = abi.encodePacked(items, itemOfKind(kind, i));
        }
        vm.recordLogs();
        settle(group(merchant, 0, uint16(kinds.length), items));
        vm.assertEq(vm.getRecordedLogs().length, kinds.length + good, "two logs a payment, one a skip");
        vm.assertEq(token.balanceOf(merchant), 10 * good);
        vm.assertEq(token.balanceOf(payer), 100_000 - 10 * good);
    }

    /// @dev 0 expired, 1 no signature, 2 zero, 3 funds, 4 a frozen payer, the rest good.
    function itemOfKind(uint256 kind, uint48 nonce) private returns (bytes memory) {
        Payment memory p = payment(10, nonce);
        if (kind == 0) p.validBefore = uint32(block.timestamp);
        if (kind == 1) return abi.encodePacked(bytes32(0), bytes32(0), terms(p));
        if (kind == 2) p.amount = 0;
        if (kind == 3) p.amount = 100_001;
        if (kind == 4) {
            p.key = 0xF0;
            freeze(vm.addr(p.key));
        }
        return item(p);
    }

    function test_skips_expired() public {
        Payment memory p = payment(500, 0);
        p.validBefore = uint32(block.timestamp + 10);
        bytes memory batch = batchOf(p);
        vm.warp(p.validBefore);
        expectSkip(batch, 1);
        vm.warp(p.validBefore - 1);
        settle(batch);
        vm.assertEq(token.balanceOf(merchant), 500);
    }

    function test_skips_badSignature() public {
        Payment memory p = payment(500, 0);
        bytes memory junk = abi.encodePacked(bytes32(0), bytes32(uint256(1)), terms(p));
        expectSkip(group(merchant, 0, 1, junk), 2);
    }

    function test_skips_highS() public {
        // Any r and s recover to some account; this one has a high s that fits the 255 bits of EIP-2098.
        Payment memory p = payment(500, 0);
        (, bytes32 r,) = vm.sign(PAYER_KEY, digestOf(structHash(p)));
        bytes32 high = bytes32(HIGHEST_S + 1);
        address signer = ecrecover(digestOf(structHash(p)), 27, r, high);
        vm.assertTrue(signer != address(0));
        mint(signer, 500);
        expectSkip(group(merchant, 0, 1, abi.encodePacked(r, high, terms(p))), 2);
        bytes32 low = bytes32(HIGHEST_S);
        mint(ecrecover(digestOf(structHash(p)), 27, r, low), 500);
        settle(group(merchant, 0, 1, abi.encodePacked(r, low, terms(p))));
        vm.assertEq(token.balanceOf(merchant), 500);
    }

    function test_skips_frozenPayer() public {
        freeze(payer);
        expectSkip(batchOf(payment(500, 0)), 3);
    }

    function test_skips_withoutFundsAndKeepsTheNonce() public {
        expectSkip(batchOf(payment(100_001, 0)), 4);
        expectSkip(batchOf(payment(100_001, 64)), 4);
        vm.assertEq(accountOf(payer).window, 0);
        settle(batchOf(payment(100_000, 0)));
    }

    function test_skips_replay() public {
        bytes memory batch = batchOf(payment(500, 0));
        settle(batch);
        expectSkip(batch, 5);
        expectSkip(batchOf(payment(700, 0)), 5);
        vm.assertEq(token.balanceOf(merchant), 500);
    }

    function test_skips_replayInTheSameBatch() public {
        bytes memory one = item(payment(500, 3));
        settle(group(merchant, 0, 2, abi.encodePacked(one, one)));
        vm.assertEq(token.balanceOf(merchant), 500);
    }

    function test_skips_groupOfFrozenMerchantInMidBatch() public {
        address other = address(0xE1);
        freeze(other);
        Payment memory p = payment(10, 1);
        p.merchant = other;
        bytes memory batch = abi.encodePacked(
            group(merchant, 0, 1, item(payment(500, 0))),
            group(other, 0, 1, item(p)),
            group(merchant, 0, 1, item(payment(600, 2)))
        );
        vm.recordLogs();
        settle(batch);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        vm.assertEq(logs.length, 5, "logs");
        requireSkip(logs[2], IToken.Skipped.selector, 6);
        vm.assertEq(token.balanceOf(merchant), 1_100);
        vm.assertEq(token.balanceOf(other), 0);
        vm.assertEq(accountOf(payer).window, 5);
    }

    function test_skips_zeroAddressAsMerchant() public {
        Payment memory p = payment(500, 0);
        p.merchant = address(0);
        expectSkip(batchOf(p), 6);
    }

    function test_reverts_whenCallerIsNoSettler() public {
        bytes memory batch = batchOf(payment(500, 0));
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(IToken.NotAllowed.selector, OWNER));
        token.settleBatch(batch);
    }

    function test_reverts_whenPaused() public {
        bytes memory batch = batchOf(payment(500, 0));
        vm.prank(PAUSER);
        token.pause();
        vm.prank(SETTLER);
        vm.expectRevert(abi.encodeWithSelector(IToken.TokenPaused.selector));
        token.settleBatch(batch);
    }

    function test_reverts_whenFeeIsAboveCap() public {
        bytes memory batch = group(merchant, FEE_CAP + 1, 1, item(payment(500, 0)));
        vm.prank(SETTLER);
        vm.expectRevert(abi.encodeWithSelector(IToken.FeeAboveCap.selector, FEE_CAP + 1));
        token.settleBatch(batch);
        settle(group(merchant, FEE_CAP, 1, item(payment(500, 0))));
        vm.assertEq(token.balanceOf(FEES), 15);
    }

    function test_reverts_whenCountAndLengthDisagree() public {
        bytes memory good = item(payment(500, 0));
        bytes[5] memory bad = [
            group(merchant, 0, 2, good),
            group(merchant, 0, 0, good),
            abi.encodePacked(group(merchant, 0, 1, good), uint8(0)),
            abi.encodePacked(merchant, uint16(0)),
            abi.encodePacked(merchant, uint16(0), uint16(1), uint8(1))
        ];
        for (uint256 i; i < bad.length; ++i) {
            vm.prank(SETTLER);
            vm.expectRevert();
            token.settleBatch(bad[i]);
        }
        vm.assertEq(token.balanceOf(merchant), 0);
    }

    function test_reverts_whenTheDailyLimitIsPassedAndNotBefore() public {
        vm.prank(OWNER);
        token.setSettler(SETTLER, 1_000);
        // The Seoul day ends at 15:00 UTC.
        uint256 end = 20_833 days + 15 hours;
        vm.warp(end - 1 hours);
        settle(batchOf(payment(600, 0)));
        settle(batchOf(payment(400, 1)));
        bytes memory next = batchOf(payment(1, 2));
        vm.warp(end - 1);
        vm.prank(SETTLER);
        vm.expectRevert(abi.encodeWithSelector(IToken.SettlerDailyLimitExceeded.selector, 0, 1));
        token.settleBatch(next);
        vm.warp(end);
        settle(next);
        vm.assertEq(token.settlerOf(SETTLER).spent, 1);
    }

    function test_reverts_whenTheSettlerIsRemoved() public {
        vm.prank(OWNER);
        token.setSettler(SETTLER, 0);
        bytes memory batch = batchOf(payment(1, 0));
        vm.prank(SETTLER);
        vm.expectRevert(abi.encodeWithSelector(IToken.NotAllowed.selector, SETTLER));
        token.settleBatch(batch);
    }

    function test_skipped_doesNotCountAgainstTheLimit() public {
        vm.prank(OWNER);
        token.setSettler(SETTLER, 10);
        expectSkip(batchOf(payment(100_001, 0)), 4);
    }

    function requireTransfer(Vm.Log memory log, address from, address to, uint256 won) private pure {
        vm.assertEq(log.topics[0], IToken.Transfer.selector);
        vm.assertEq(log.topics[1], bytes32(uint256(uint160(from))));
        vm.assertEq(log.topics[2], bytes32(uint256(uint160(to))));
        vm.assertEq(abi.decode(log.data, (uint256)), won);
    }
}
