// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IToken} from "./support/IToken.sol";
import {TokenTest} from "./support/TokenTest.sol";
import {vm} from "./support/Vm.sol";

contract RolesTest is TokenTest {
    address private constant STRANGER = address(0xBAD);

    function test_everyCallOfARoleIsRefusedToEverybodyElse() public {
        bytes[11] memory calls = [
            abi.encodeCall(IToken.transferOwnership, (STRANGER)),
            abi.encodeCall(IToken.setPauser, (STRANGER)),
            abi.encodeCall(IToken.setFreezer, (STRANGER)),
            abi.encodeCall(IToken.setSettler, (STRANGER, 1)),
            abi.encodeCall(IToken.setMinter, (STRANGER, 1, 1)),
            abi.encodeCall(IToken.setFeeRecipient, (STRANGER)),
            abi.encodeCall(IToken.setFeeCap, (1)),
            abi.encodeCall(IToken.setSupplyCap, (SUPPLY_CAP)),
            abi.encodeCall(IToken.unpause, ()),
            abi.encodeCall(IToken.pause, ()),
            abi.encodeCall(IToken.setFrozen, (STRANGER, true, "case"))
        ];
        address[6] memory callers = [OWNER, PAUSER, FREEZER, SETTLER, MINTER, STRANGER];
        for (uint256 i; i < calls.length; ++i) {
            address holder = i < 9 ? OWNER : i == 9 ? PAUSER : FREEZER;
            for (uint256 j; j < callers.length; ++j) {
                if (callers[j] == holder) continue;
                refused(callers[j], calls[i]);
            }
        }
        address[5] memory noMinters = [OWNER, PAUSER, FREEZER, SETTLER, STRANGER];
        for (uint256 j; j < noMinters.length; ++j) {
            refused(noMinters[j], abi.encodeCall(IToken.mint, (STRANGER, 1)));
            refused(noMinters[j], abi.encodeCall(IToken.burn, (0)));
        }
    }

    function test_owner_handsOverInTwoSteps() public {
        vm.prank(OWNER);
        token.transferOwnership(STRANGER);
        vm.assertEq(token.owner(), OWNER);
        refused(FREEZER, abi.encodeCall(IToken.acceptOwnership, ()));
        vm.prank(STRANGER);
        token.acceptOwnership();
        vm.assertEq(token.owner(), STRANGER);
        refused(STRANGER, abi.encodeCall(IToken.acceptOwnership, ()));
        refused(OWNER, abi.encodeCall(IToken.setFeeCap, (1)));
    }

    function test_setUp_happensOnce() public {
        bytes memory again = setUpCall();
        refused(address(factory), again);
        vm.prank(OWNER);
        (bool done, bytes memory answer) = address(token).call(again);
        vm.assertFalse(done);
        vm.assertEq(bytes32(bytes4(answer)), bytes32(IToken.AlreadySetUp.selector));
    }

    function test_setUp_needsAnOwner() public {
        IToken fresh = IToken(deploy(code("KRWToken")));
        IToken.SetUp memory settings;
        settings.feeRecipient = FEES;
        vm.expectRevert(abi.encodeWithSelector(IToken.ZeroAddress.selector));
        fresh.setUp(settings);
        settings.owner = OWNER;
        fresh.setUp(settings);
        vm.assertEq(fresh.owner(), OWNER);
        vm.assertEq(fresh.deploymentBlock(), block.number);
    }

    function test_minter_staysWithinItsAllowance() public {
        vm.prank(OWNER);
        token.setMinter(MINTER, 1_000, 5_000);
        mint(payer, 600);
        vm.prank(MINTER);
        vm.expectRevert(abi.encodeWithSelector(IToken.MinterAllowanceExceeded.selector, 400, 401));
        token.mint(payer, 401);
        mint(payer, 400);
        vm.assertEq(token.minterOf(MINTER).allowance, 0);
        vm.assertEq(token.totalSupply(), 1_000);
    }

    function test_minter_staysWithinItsBucketWhichRefillsInADay() public {
        vm.prank(OWNER);
        token.setMinter(MINTER, 100_000, 2_400);
        mint(payer, 2_400);
        vm.prank(MINTER);
        vm.expectRevert(abi.encodeWithSelector(IToken.MinterDailyLimitExceeded.selector, 0, 1));
        token.mint(payer, 1);
        uint256 start = block.timestamp;
        vm.warp(start + 1 hours);
        mint(payer, 100);
        vm.prank(MINTER);
        vm.expectRevert(abi.encodeWithSelector(IToken.MinterDailyLimitExceeded.selector, 0, 1));
        token.mint(payer, 1);
        vm.warp(start + 100 days);
        vm.prank(MINTER);
        vm.expectRevert(abi.encodeWithSelector(IToken.MinterDailyLimitExceeded.selector, 2_400, 2_401));
        token.mint(payer, 2_401);
        mint(payer, 2_400);
    }

    function test_minter_staysWithinTheSupplyCap() public {
        vm.prank(OWNER);
        token.setSupplyCap(1_000);
        mint(payer, 1_000);
        vm.prank(MINTER);
        vm.expectRevert(abi.encodeWithSelector(IToken.SupplyCapExceeded.selector, 1_000, 1_001));
        token.mint(payer, 1);
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(IToken.SupplyCapBelowSupply.selector, 999, 1_000));
        token.setSupplyCap(999);
    }

    function test_burn_takesTheMintersOwn() public {
        mint(MINTER, 500);
        vm.prank(MINTER);
        token.burn(200);
        vm.assertEq(token.totalSupply(), 300);
        vm.assertEq(token.balanceOf(MINTER), 300);
        vm.prank(MINTER);
        vm.expectRevert(abi.encodeWithSelector(IToken.InsufficientBalance.selector, MINTER, 300, 301));
        token.burn(301);
    }

    function test_pause_stopsEveryMovement() public {
        mint(payer, 1_000);
        mint(MINTER, 1_000);
        vm.prank(payer);
        token.approve(STRANGER, 1_000);
        vm.prank(PAUSER);
        token.pause();
        vm.assertTrue(token.config().paused);
        paused(payer, abi.encodeCall(IToken.transfer, (STRANGER, 1)));
        paused(STRANGER, abi.encodeCall(IToken.transferFrom, (payer, STRANGER, 1)));
        paused(MINTER, abi.encodeCall(IToken.mint, (payer, 1)));
        paused(MINTER, abi.encodeCall(IToken.burn, (1)));
        paused(SETTLER, abi.encodeCall(IToken.settleBatch, ("")));
        paused(SETTLER, abi.encodeCall(IToken.refundBatch, ("")));
        vm.prank(OWNER);
        token.unpause();
        vm.prank(payer);
        token.transfer(STRANGER, 1);
        vm.assertEq(token.config().feeRecipient, FEES);
        vm.assertEq(token.config().feeCapBasisPoints, FEE_CAP);
    }

    function test_freeze_needsACaseAndStopsBothWays() public {
        mint(payer, 1_000);
        vm.prank(FREEZER);
        vm.expectRevert(abi.encodeWithSelector(IToken.CaseIdMissing.selector));
        token.setFrozen(payer, true, 0);
        freeze(payer);
        vm.assertTrue(accountOf(payer).frozen);
        vm.assertEq(token.balanceOf(payer), 1_000);
        vm.prank(payer);
        vm.expectRevert(abi.encodeWithSelector(IToken.AccountFrozen.selector, payer));
        token.transfer(STRANGER, 1);
        vm.prank(MINTER);
        vm.expectRevert(abi.encodeWithSelector(IToken.AccountFrozen.selector, payer));
        token.mint(payer, 1);
        vm.prank(FREEZER);
        token.setFrozen(payer, false, "appeal");
        vm.prank(payer);
        token.transfer(STRANGER, 1_000);
    }

    function test_freeze_isRefusedForFeesZeroAndTheToken() public {
        address[3] memory kept = [FEES, address(0), address(token)];
        for (uint256 i; i < kept.length; ++i) {
            vm.prank(FREEZER);
            vm.expectRevert(abi.encodeWithSelector(IToken.FreezeRefused.selector, kept[i]));
            token.setFrozen(kept[i], i == 0, "case");
        }
        freeze(payer);
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(IToken.AccountFrozen.selector, payer));
        token.setFeeRecipient(payer);
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(IToken.ZeroAddress.selector));
        token.setFeeRecipient(address(0));
    }

    function test_fees_goToTheNewRecipientUnderTheNewCap() public {
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(IToken.FeeCapTooHigh.selector, 1_001));
        token.setFeeCap(1_001);
        vm.prank(OWNER);
        token.setFeeCap(1_000);
        vm.prank(OWNER);
        token.setFeeRecipient(STRANGER);
        mint(payer, 1_000);
        settle(group(merchant, 1_000, 1, item(payment(1_000, 0))));
        vm.assertEq(token.balanceOf(STRANGER), 100);
        vm.assertEq(token.config().feeCapBasisPoints, 1_000);
        vm.assertFalse(token.config().paused);
    }

    function test_settler_keepsItsDayWhenItsLimitChanges() public {
        mint(payer, 2_000);
        settle(batchOf(payment(600, 0)));
        vm.prank(OWNER);
        token.setSettler(SETTLER, 1_000);
        vm.assertEq(token.settlerOf(SETTLER).spent, 600);
        bytes memory batch = batchOf(payment(401, 1));
        vm.prank(SETTLER);
        vm.expectRevert(abi.encodeWithSelector(IToken.SettlerDailyLimitExceeded.selector, 400, 401));
        token.settleBatch(batch);
        vm.prank(OWNER);
        token.setSettler(SETTLER, 500);
        vm.prank(SETTLER);
        vm.expectRevert(abi.encodeWithSelector(IToken.SettlerDailyLimitExceeded.selector, 0, 401));
        token.settleBatch(batch);
    }

    function refused(address caller, bytes memory data) private {
        requireError(caller, data, abi.encodeWithSelector(IToken.NotAllowed.selector, caller));
    }

    function paused(address caller, bytes memory data) private {
        requireError(caller, data, abi.encodeWithSelector(IToken.TokenPaused.selector));
    }

    function requireError(address caller, bytes memory data, bytes memory wanted) private {
        vm.prank(caller);
        (bool done, bytes memory answer) = address(token).call(data);
        vm.assertFalse(done);
        vm.assertEq(answer, wanted);
    }
}
